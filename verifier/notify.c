/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

void
notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	union {
		const struct sockaddr_un *un;
		const struct sockaddr *sa;
	} a = { &address };

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (path[0] == '@') /* Linux's abstract names */
		address.sun_path[0] = '\0';
	NOTAR_AUTO_FD fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));

	if (fd >= 0)
		(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, a.sa, len);
}
