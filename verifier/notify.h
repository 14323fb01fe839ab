/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_NOTIFY_H
#define VERIFIER_NOTIFY_H

/* Tells the service manager ("READY=1"), sd_notify(3)'s protocol. Without one does nothing. */
void notify(const char *state);

#endif
