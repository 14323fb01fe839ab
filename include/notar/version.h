/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_VERSION_H
#define NOTAR_VERSION_H

#define NOTAR_VERSION "0.1.0"

#endif
