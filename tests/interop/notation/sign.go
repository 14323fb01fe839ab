// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"time"

	"github.com/notaryproject/notation-core-go/revocation"
	"github.com/notaryproject/notation-core-go/revocation/purpose"
	"github.com/notaryproject/notation-core-go/signature"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/plugin"
	"github.com/notaryproject/notation-go/signer"
	"github.com/notaryproject/tspclient-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const payloadType = "application/vnd.cncf.notary.payload.v1+json"

// signing holds the options that sign and envelope-sign share.
type signing struct {
	format, key, certs     *string
	expiry                 *time.Duration
	tsa, tsaRoot           *string
	tsaRevocation          *bool
	scheme, agent          *string
	time, expiryAt         *time.Time
	attributes, criticals  pairs
	plugins, plugin, keyID *string
	pluginConfig           pairs
}

func signingOptions(flags *flag.FlagSet) *signing {
	return &signing{
		format:        flags.String("format", "jws", "jws or cose"),
		key:           flags.String("key", "", "private key, PKCS#8 PEM"),
		certs:         flags.String("certs", "", "its chain, leaf first, PEM"),
		expiry:        flags.Duration("expiry", 0, "the signature expires after this long"),
		tsa:           flags.String("timestamp-url", "", "RFC 3161 authority"),
		tsaRoot:       flags.String("timestamp-root", "", "its root, PEM"),
		tsaRevocation: flags.Bool("timestamp-revocation", true, "check its chain's revocation"),
		scheme:        flags.String("scheme", "", "signing scheme; unset: the library's choice"),
		agent:         flags.String("agent", "", "signing agent; unset: the library's"),
		time:          timeVar(flags, "signing-time", "claim this signing time"),
		expiryAt:      timeVar(flags, "expiry-at", "claim this expiry"),
		attributes:    pairsVar(flags, "attr", "extended signed attribute"),
		criticals:     pairsVar(flags, "critical-attr", "critical extended signed attribute"),
		plugins:       flags.String("plugins", "", "notation's plugin folder"),
		plugin:        flags.String("plugin", "", "sign with this plugin"),
		keyID:         flags.String("key-id", "", "the plugin's key"),
		pluginConfig:  pairsVar(flags, "plugin-config", "the plugin's configuration"),
	}
}

// ownRequest says that the options ask for what notation-go's signer never signs.
func (s *signing) ownRequest() bool {
	return *s.scheme != "" || !s.time.IsZero() || !s.expiryAt.IsZero() ||
		len(s.attributes)+len(s.criticals) > 0
}

func (s *signing) load() (crypto.PrivateKey, []*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(*s.certs, *s.key)
	if err != nil {
		return nil, nil, err
	}
	chain, err := readCertificates(*s.certs)
	return pair.PrivateKey, chain, err
}

// timestamping fills in the authority, when one is asked for.
func (s *signing) timestamping(into *notation.SignerSignOptions) error {
	if *s.tsa == "" {
		return nil
	}
	roots, err := readCertificates(*s.tsaRoot)
	if err != nil {
		return err
	}
	into.TSARootCAs = x509.NewCertPool()
	for _, root := range roots {
		into.TSARootCAs.AddCert(root)
	}
	client := &http.Client{Timeout: 5 * time.Second}
	if into.Timestamper, err = tspclient.NewHTTPTimestamper(client, *s.tsa); err != nil {
		return err
	}
	if *s.tsaRevocation {
		into.TSARevocationValidator, err = revocation.NewWithOptions(
			revocation.Options{CertChainPurpose: purpose.Timestamping})
	}
	return err
}

func (s *signing) options() (made notation.SignerSignOptions, err error) {
	if made.SignatureMediaType, err = mediaType(*s.format); err != nil {
		return made, err
	}
	made.ExpiryDuration, made.SigningAgent = *s.expiry, *s.agent
	made.PluginConfig = s.pluginConfig
	return made, s.timestamping(&made)
}

func extended(attributes pairs, critical bool) (made []signature.Attribute) {
	for key, value := range attributes {
		made = append(made, signature.Attribute{Key: key, Critical: critical, Value: value})
	}
	return made
}

// envelope signs a payload by core-go alone, with the attributes just as asked for.
func (s *signing) envelope(ctx context.Context, payload signature.Payload,
	options notation.SignerSignOptions) ([]byte, *signature.SignerInfo, error) {
	key, chain, err := s.load()
	if err != nil {
		return nil, nil, err
	}
	local, err := signature.NewLocalSigner(chain, key)
	if err != nil {
		return nil, nil, err
	}
	request := &signature.SignRequest{Payload: payload, Signer: local, SigningTime: *s.time,
		Expiry: *s.expiryAt, SigningScheme: signature.SigningScheme(*s.scheme),
		SigningAgent: *s.agent, Timestamper: options.Timestamper, TSARootCAs: options.TSARootCAs,
		TSARevocationValidator:   options.TSARevocationValidator,
		ExtendedSignedAttributes: append(extended(s.attributes, false), extended(s.criticals, true)...)}
	if request.SigningTime.IsZero() {
		request.SigningTime = time.Now()
	}
	if *s.scheme == "" {
		request.SigningScheme = signature.SigningSchemeX509
	}
	if *s.expiry != 0 {
		request.Expiry = request.SigningTime.Add(*s.expiry)
	}
	made, err := signature.NewEnvelope(options.SignatureMediaType)
	if err != nil {
		return nil, nil, err
	}
	bytes, err := made.Sign(request.WithContext(ctx))
	if err != nil {
		return nil, nil, err
	}
	content, err := made.Content()
	if err != nil {
		return nil, nil, err
	}
	return bytes, &content.SignerInfo, nil
}

// requestSigner is a notation.Signer for what notation-go's own cannot be asked to sign.
type requestSigner struct{ *signing }

func (s requestSigner) Sign(ctx context.Context, target ocispec.Descriptor,
	options notation.SignerSignOptions) ([]byte, *signature.SignerInfo, error) {
	payload, err := json.Marshal(map[string]any{"targetArtifact": ocispec.Descriptor{
		MediaType: target.MediaType, Digest: target.Digest, Size: target.Size,
		Annotations: target.Annotations}})
	if err != nil {
		return nil, nil, err
	}
	return s.envelope(ctx, signature.Payload{ContentType: payloadType, Content: payload}, options)
}

func (s *signing) signer(ctx context.Context) (notation.Signer, error) {
	if *s.plugin != "" {
		found, err := plugin.NewCLIManager(dir.NewSysFS(*s.plugins)).Get(ctx, *s.plugin)
		if err != nil {
			return nil, err
		}
		return signer.NewPluginSigner(found, *s.keyID, s.pluginConfig)
	}
	if s.ownRequest() {
		return requestSigner{s}, nil
	}
	return signer.NewGenericSignerFromFiles(*s.key, *s.certs)
}

func signCommand(flags *flag.FlagSet) func(context.Context, string, answer) error {
	how, where := signingOptions(flags), placeOptions(flags)
	metadata := pairsVar(flags, "meta", "user metadata to sign")
	return func(ctx context.Context, image string, out answer) error {
		repository, reference, err := where.open(image)
		if err != nil {
			return err
		}
		options, err := how.options()
		if err != nil {
			return err
		}
		by, err := how.signer(ctx)
		if err != nil {
			return err
		}
		target, err := notation.Sign(ctx, by, reporting{repository, out}, notation.SignOptions{
			SignerSignOptions: options, ArtifactReference: reference, UserMetadata: metadata})
		if err != nil {
			return err
		}
		out["digest"] = target.Digest
		return nil
	}
}

func attachCommand(flags *flag.FlagSet) func(context.Context, string, answer) error {
	where := placeOptions(flags)
	file := flags.String("envelope", "", "the envelope's file")
	format := flags.String("format", "jws", "jws or cose: the media type to say")
	other := flags.String("media-type", "", "say this media type instead")
	annotations := pairsVar(flags, "annotation", "annotation of the signature's manifest")
	return func(ctx context.Context, image string, out answer) error {
		repository, reference, err := where.open(image)
		if err != nil {
			return err
		}
		say, err := mediaType(*format)
		if err != nil {
			return err
		}
		if *other != "" {
			say = *other
		}
		envelope, err := os.ReadFile(*file)
		if err != nil {
			return usageError{err}
		}
		target, err := repository.Resolve(ctx, reference)
		if err != nil {
			return err
		}
		out["digest"] = target.Digest
		_, _, err = reporting{repository, out}.PushSignature(ctx, say, envelope, target, annotations)
		return err
	}
}

func envelopeSignCommand(flags *flag.FlagSet) func(context.Context, string, answer) error {
	how := signingOptions(flags)
	content := flags.String("content-type", payloadType, "the payload's content type")
	file := flags.String("out", "", "write the envelope here")
	return func(ctx context.Context, payload string, out answer) error {
		bytes, err := os.ReadFile(payload)
		if err != nil {
			return usageError{err}
		}
		if *how.plugin != "" || *file == "" {
			return usageError{errors.New("envelope-sign takes --out, and no --plugin")}
		}
		options, err := how.options()
		if err != nil {
			return err
		}
		made, info, err := how.envelope(ctx,
			signature.Payload{ContentType: *content, Content: bytes}, options)
		if err != nil {
			return err
		}
		describe(info, out)
		return os.WriteFile(*file, made, 0o600)
	}
}
