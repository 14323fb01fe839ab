// SPDX-License-Identifier: Apache-2.0

// Notation is the test peer for Notary Project signatures: a small command over notation-go and
// notation-core-go, since the notation command itself cannot be had as a module.
//
//	notation sign            signs an image in a registry or an OCI layout
//	notation attach          pushes a ready envelope as an image's signature, unread
//	notation verify          verifies an image's signatures by a notation configuration
//	notation envelope-sign   makes an envelope around any payload
//	notation envelope-verify checks an envelope's integrity, without trust
//	notation chain-check     holds a chain to the certificate rules
//
// Each takes its options before its argument (-h lists them), prints one JSON object with "ok"
// and, on failure, "error", and exits 0 or 1 accordingly; 2 is a mistake in the call.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/notaryproject/notation-core-go/signature/cose"
	"github.com/notaryproject/notation-core-go/signature/jws"
)

// answer is what a command prints; what it fills in before it fails is printed too.
type answer map[string]any

// usageError is a mistake in the call, not an answer about a signature.
type usageError struct{ error }

// command declares its options and returns what runs once they are parsed.
type command func(flags *flag.FlagSet) func(ctx context.Context, arg string, out answer) error

var commands = map[string]command{
	"sign":            signCommand,
	"attach":          attachCommand,
	"verify":          verifyCommand,
	"envelope-sign":   envelopeSignCommand,
	"envelope-verify": envelopeVerifyCommand,
	"chain-check":     chainCheckCommand,
}

// pairs collects a repeated k=v option.
type pairs map[string]string

func (p pairs) add(text string) error {
	key, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("%q is not k=v", text)
	}
	p[key] = value
	return nil
}

func pairsVar(flags *flag.FlagSet, name, usage string) pairs {
	made := pairs{}
	flags.Func(name, usage+", as k=v; may be repeated", made.add)
	return made
}

func timeVar(flags *flag.FlagSet, name, usage string) *time.Time {
	made := new(time.Time)
	flags.Func(name, usage+", RFC 3339", func(text string) (err error) {
		*made, err = time.Parse(time.RFC3339, text)
		return err
	})
	return made
}

// mediaType of an envelope in the format that --format names.
func mediaType(format string) (string, error) {
	switch format {
	case "jws":
		return jws.MediaTypeEnvelope, nil
	case "cose":
		return cose.MediaTypeEnvelope, nil
	}
	return "", usageError{fmt.Errorf("--format is jws or cose, not %q", format)}
}

func readCertificates(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{err}
	}
	var found []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		one, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	if len(found) == 0 {
		return nil, usageError{fmt.Errorf("%s holds no certificate", path)}
	}
	return found, nil
}

func run(args []string) (answer, error) {
	if len(args) == 0 || commands[args[0]] == nil {
		return nil, usageError{errors.New("commands: sign, attach, verify, envelope-sign, " +
			"envelope-verify, chain-check")}
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	limit := flags.Duration("timeout", 50*time.Second, "give up after this long")
	start := commands[args[0]](flags)
	if err := flags.Parse(args[1:]); err != nil {
		return nil, usageError{err}
	}
	if flags.NArg() != 1 {
		return nil, usageError{fmt.Errorf("%s: one argument, after the options", args[0])}
	}
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	out := answer{}
	return out, start(ctx, flags.Arg(0), out)
}

func main() {
	out, err := run(os.Args[1:])
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintln(os.Stderr, "notation:", err)
		os.Exit(2)
	}
	out["ok"] = err == nil
	if err != nil {
		out["error"] = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, "notation:", err)
		os.Exit(2)
	}
	if out["ok"] == false {
		os.Exit(1)
	}
}
