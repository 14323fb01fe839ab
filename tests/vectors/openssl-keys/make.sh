#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Made these files (OpenSSL 3.0). Passphrase of the encrypted ones: pw. Run in this folder.
set -eu
ec() { openssl ecparam -name "$1" -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$2.key"; }
public() { openssl pkey -in "$1.key" -pubout -out "$1.pub"; }
ec prime256v1 p256; ec secp384r1 p384; ec secp521r1 p521
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa2048.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out rsa3072.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out rsa4096.key
openssl genpkey -algorithm ed25519 -out ed25519.key
printf 'a message' > message
for k in p256 p384 p521 rsa2048 rsa3072 rsa4096 ed25519; do public $k; done
sign() { openssl dgst "-$2" -sign "$1.key" -out "$1.$2.sig" message; }
for h in sha256 sha384 sha512; do for k in p256 p384 p521 rsa2048; do sign $k $h; done; done
openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sign rsa2048.key -out rsa2048.pss.sig message
openssl pkeyutl -sign -rawin -inkey ed25519.key -in message -out ed25519.pure.sig
# Other containers of the same keys.
openssl ec -in p256.key -out p256.sec1.key
openssl ecparam -name prime256v1 -out params; cat params p256.sec1.key > p256.ecparam.key; rm params
openssl rsa -in rsa2048.key -traditional -out rsa2048.pkcs1.key
openssl ec -in p256.key -aes256 -passout pass:pw -out p256.proctype.key
openssl pkcs8 -topk8 -in p256.key -scrypt -passout pass:pw -out p256.scrypt.key
openssl pkcs8 -topk8 -in p256.key -v2 aes-256-cbc -v2prf hmacWithSHA256 -passout pass:pw -out p256.pbkdf2.key
openssl pkcs8 -topk8 -in rsa2048.key -v2 aes-128-cbc -v2prf hmacWithSHA512 -passout pass:pw -out rsa2048.pbkdf2.key
openssl pkcs8 -topk8 -in p256.key -v2 aes-256-cbc -v2prf hmacWithSHA1 -passout pass:pw -out p256.sha1.key
openssl pkcs8 -topk8 -in p256.key -v2 des3 -passout pass:pw -out p256.des3.key
openssl pkcs8 -topk8 -in p256.key -v1 PBE-SHA1-3DES -passout pass:pw -out p256.pbe1.key
openssl pkcs8 -topk8 -in p256.key -v2 aes-256-cbc -iter 10000001 -passout pass:pw -out p256.iterations.key
openssl ec -in p256.key -no_public -out p256.nopublic.key
# Refused: curves, sizes, kinds, spellings.
mkdir -p refused
ec secp224r1 refused/p224; ec secp256k1 refused/secp256k1; ec brainpoolP256r1 refused/brainpool
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out refused/rsa1024.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4104 -out refused/rsa4104.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out refused/rsa-e3.key
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out refused/rsa-pss.key
openssl genpkey -algorithm x25519 -out refused/x25519.key
openssl genpkey -algorithm ed448 -out refused/ed448.key
openssl pkey -in p256.key -ec_param_enc explicit -out refused/explicit.key
for f in refused/*.key; do public "${f%.key}"; done
openssl ec -in p256.key -pubout -conv_form compressed -out refused/compressed.pub
