#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the certificates beside it; see README.md. The keys are thrown away.
set -eu
cd "$(dirname "$0")"
keys=$(mktemp -d)
trap 'rm -r "$keys"' EXIT

make() { # NAME CA|NONE ISSUER|-
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$keys/$1.key"
	issuer=
	[ "$3" = - ] || issuer="-CA $3.pem -CAkey $keys/$3.key"
	basic=critical,CA:FALSE
	[ "$2" = NONE ] || basic=critical,CA:TRUE
	# shellcheck disable=SC2086 # a list of words
	openssl req -x509 -new -key "$keys/$1.key" -subj "/C=US/ST=WA/O=notar tests/CN=$1" \
		-days 36500 -addext "basicConstraints=$basic" $issuer -out "$1.pem"
}

make ca CA -
make other CA -
make intermediate CA ca
make leaf NONE ca
make alone NONE -
openssl x509 -in ca.pem -outform DER -out ca.der
