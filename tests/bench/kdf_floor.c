/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of signing with cosign's key file: its scrypt, and nothing else. */
#include <sodium.h>
#include <stdio.h>

int
main(void)
{
	/* cosign 3 writes N=65536, r=8, p=1 and 32 bytes of salt. */
	static const unsigned char salt[32] = { 1 };
	static const unsigned char password[] = "pw";
	unsigned char key[32];

	if (sodium_init() < 0 || crypto_pwhash_scryptsalsa208sha256_ll(
					 password, sizeof(password) - 1, salt, sizeof(salt), 65536,
					 8, 1, key, sizeof(key)) != 0) {
		fprintf(stderr, "kdf_floor: scrypt failed\n");
		return 1;
	}
	return key[0] == 0 && key[1] == 0 && key[2] == 0 && key[3] == 0 ? 1 : 0;
}
