// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/notaryproject/notation-core-go/revocation"
	corecrl "github.com/notaryproject/notation-core-go/revocation/crl"
	"github.com/notaryproject/notation-core-go/revocation/purpose"
	"github.com/notaryproject/notation-core-go/signature"
	nx509 "github.com/notaryproject/notation-core-go/x509"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/plugin"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/crl"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

var algorithms = map[signature.Algorithm]string{
	signature.AlgorithmPS256: "PS256", signature.AlgorithmPS384: "PS384",
	signature.AlgorithmPS512: "PS512", signature.AlgorithmES256: "ES256",
	signature.AlgorithmES384: "ES384", signature.AlgorithmES512: "ES512",
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// describe tells what an envelope says of its signature.
func describe(info *signature.SignerInfo, out answer) {
	signed := info.SignedAttributes
	var chain []string
	for _, one := range info.CertificateChain {
		sum := sha256.Sum256(one.Raw)
		chain = append(chain, hex.EncodeToString(sum[:]))
	}
	attributes := []answer{}
	for _, one := range signed.ExtendedAttributes {
		attributes = append(attributes, answer{"key": fmt.Sprint(one.Key), "critical": one.Critical,
			"value": one.Value})
	}
	out["algorithm"] = algorithms[info.SignatureAlgorithm]
	out["scheme"] = signed.SigningScheme
	out["signingTime"] = stamp(signed.SigningTime)
	out["expiry"] = stamp(signed.Expiry)
	out["attributes"] = attributes
	out["agent"] = info.UnsignedAttributes.SigningAgent
	out["timestamp"] = info.UnsignedAttributes.TimestampSignature // base64, or null
	out["chain"] = chain
	out["value"] = hex.EncodeToString(info.Signature)
}

// recorder is a notation.Verifier that keeps every outcome: notation.Verify itself returns none
// of those that failed.
type recorder struct {
	notation.Verifier
	outcomes []answer
}

func message(err error) any {
	if err == nil {
		return nil
	}
	return err.Error()
}

func (r *recorder) SkipVerify(ctx context.Context, options notation.VerifierVerifyOptions) (bool,
	*trustpolicy.VerificationLevel, error) {
	return r.Verifier.(interface {
		SkipVerify(context.Context, notation.VerifierVerifyOptions) (bool,
			*trustpolicy.VerificationLevel, error)
	}).SkipVerify(ctx, options)
}

func (r *recorder) Verify(ctx context.Context, target ocispec.Descriptor, envelope []byte,
	options notation.VerifierVerifyOptions) (*notation.VerificationOutcome, error) {
	outcome, err := r.Verifier.Verify(ctx, target, envelope, options)
	sum := sha256.Sum256(envelope)
	entry := answer{"ok": err == nil, "error": message(err), "mediaType": options.SignatureMediaType,
		"envelope": "sha256:" + hex.EncodeToString(sum[:])}
	results := []answer{}
	if outcome != nil {
		for _, one := range outcome.VerificationResults {
			results = append(results, answer{"type": one.Type, "action": one.Action,
				"error": message(one.Error)})
		}
		if outcome.VerificationLevel != nil {
			entry["level"] = outcome.VerificationLevel.Name
		}
		if outcome.EnvelopeContent != nil {
			describe(&outcome.EnvelopeContent.SignerInfo, entry)
			entry["metadata"], _ = outcome.UserMetadata()
		}
	}
	entry["results"] = results
	r.outcomes = append(r.outcomes, entry)
	return outcome, err
}

// validator checks revocation as notation does; cache is a CRL cache folder, or "".
func validator(of purpose.Purpose, cache string) (revocation.Validator, error) {
	fetcher, err := corecrl.NewHTTPFetcher(&http.Client{Timeout: 5 * time.Second})
	if err != nil {
		return nil, err
	}
	if cache != "" {
		if fetcher.Cache, err = crl.NewFileCache(cache); err != nil {
			return nil, err
		}
		fetcher.DiscardCacheError = true
	}
	return revocation.NewWithOptions(revocation.Options{CRLFetcher: fetcher, CertChainPurpose: of})
}

func newVerifier(config, plugins, cache string) (notation.Verifier, error) {
	dir.UserConfigDir = config
	policy, err := trustpolicy.LoadDocument()
	if err != nil {
		return nil, err
	}
	var options verifier.VerifierOptions
	if options.RevocationCodeSigningValidator, err = validator(purpose.CodeSigning, cache); err != nil {
		return nil, err
	}
	if options.RevocationTimestampingValidator, err = validator(purpose.Timestamping, cache); err != nil {
		return nil, err
	}
	if plugins == "" {
		plugins = config + "/plugins"
	}
	return verifier.NewWithOptions(policy, truststore.NewX509TrustStore(dir.ConfigFS()),
		plugin.NewCLIManager(dir.NewSysFS(plugins)), options)
}

func verifyCommand(flags *flag.FlagSet) func(context.Context, string, answer) error {
	where := placeOptions(flags)
	config := flags.String("config", "", "folder of trustpolicy.json and truststore/x509")
	scope := flags.String("scope", "", "with --layout: the registry scope to assume")
	plugins := flags.String("plugins", "", "notation's plugin folder; unset: in --config")
	cache := flags.String("crl-cache", "", "notation's CRL cache folder; unset: none")
	attempts := flags.Int("max-signatures", 100, "judge at most so many")
	metadata := pairsVar(flags, "meta", "user metadata that must be signed")
	settings := pairsVar(flags, "plugin-config", "configuration for the plugin")
	return func(ctx context.Context, image string, out answer) error {
		if *config == "" {
			return usageError{errors.New("verify needs --config")}
		}
		repository, reference, err := where.open(image)
		if err != nil {
			return err
		}
		if *where.layout != "" {
			separator := ":"
			if strings.Contains(reference, ":") {
				separator = "@"
			}
			reference = *scope + separator + reference
		}
		by, err := newVerifier(*config, *plugins, *cache)
		if err != nil {
			return err
		}
		judge := &recorder{Verifier: by, outcomes: []answer{}}
		target, outcomes, err := notation.Verify(ctx, judge, repository, notation.VerifyOptions{
			ArtifactReference: reference, UserMetadata: metadata, PluginConfig: settings,
			MaxSignatureAttempts: *attempts})
		out["outcomes"] = judge.outcomes
		out["skipped"] = err == nil && len(judge.outcomes) == 0 && len(outcomes) == 1
		if err == nil && target.Digest != "" {
			out["digest"] = target.Digest
		}
		return err
	}
}

func envelopeVerifyCommand(flags *flag.FlagSet) func(context.Context, string, answer) error {
	format := flags.String("format", "jws", "jws or cose")
	return func(_ context.Context, file string, out answer) error {
		say, err := mediaType(*format)
		if err != nil {
			return err
		}
		bytes, err := os.ReadFile(file)
		if err != nil {
			return usageError{err}
		}
		out["stage"] = "parse"
		envelope, err := signature.ParseEnvelope(say, bytes)
		if err != nil {
			return err
		}
		// What an envelope that does not verify says is of use to a test, too.
		out["stage"] = "verify"
		content, wrong := envelope.Verify()
		if wrong != nil {
			if content, err = envelope.Content(); err != nil {
				return wrong
			}
		}
		describe(&content.SignerInfo, out)
		out["contentType"] = content.Payload.ContentType
		out["payload"] = content.Payload.Content // base64
		if wrong == nil {
			out["stage"] = "done"
		}
		return wrong
	}
}

func chainCheckCommand(flags *flag.FlagSet) func(context.Context, string, answer) error {
	timestamping := flags.Bool("timestamping", false, "it is an RFC 3161 authority's chain")
	at := timeVar(flags, "at", "code signing: the certificates must be valid then")
	return func(_ context.Context, file string, _ answer) error {
		chain, err := readCertificates(file)
		if err != nil {
			return err
		}
		if *timestamping {
			return nx509.ValidateTimestampingCertChain(chain)
		}
		if at.IsZero() {
			return nx509.ValidateCodeSigningCertChain(chain, nil)
		}
		return nx509.ValidateCodeSigningCertChain(chain, at)
	}
}
