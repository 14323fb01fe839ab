// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/notaryproject/notation-go/registry"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
)

// place says where the image is.
type place struct {
	layout, user *string
	plain        *bool
}

func placeOptions(flags *flag.FlagSet) *place {
	return &place{
		layout: flags.String("layout", "", "the image is in this OCI layout; IMAGE is a tag or digest"),
		user:   flags.String("user", "", "user:password for the registry"),
		plain:  flags.Bool("plain-http", false, "the registry has no TLS"),
	}
}

// open finds the repository, and how the image is named in it.
func (p *place) open(image string) (registry.Repository, string, error) {
	if *p.layout != "" {
		if at := strings.LastIndex(image, "@"); at >= 0 {
			image = image[at+1:]
		}
		found, err := registry.NewOCIRepository(*p.layout, registry.RepositoryOptions{})
		return found, image, err
	}
	found, err := remote.NewRepository(image)
	if err != nil {
		return nil, "", err
	}
	found.PlainHTTP = *p.plain
	if user, password, given := strings.Cut(*p.user, ":"); given {
		found.Client = &auth.Client{Credential: auth.StaticCredential(
			found.Reference.Host(), auth.Credential{Username: user, Password: password})}
	}
	if found.Reference.Reference == "" {
		return nil, "", usageError{fmt.Errorf("%s names no tag or digest", image)}
	}
	return registry.NewRepository(found), image, nil
}

// reporting is a repository that tells the answer what was pushed.
type reporting struct {
	registry.Repository
	out answer
}

func (r reporting) PushSignature(ctx context.Context, mediaType string, blob []byte,
	subject ocispec.Descriptor, annotations map[string]string) (ocispec.Descriptor,
	ocispec.Descriptor, error) {
	envelope, manifest, err := r.Repository.PushSignature(ctx, mediaType, blob, subject, annotations)
	if err == nil {
		r.out["signature"] = manifest.Digest
		r.out["envelope"] = envelope.Digest
	}
	return envelope, manifest, err
}
