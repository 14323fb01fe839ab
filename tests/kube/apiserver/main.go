// SPDX-License-Identifier: Apache-2.0

// The real kube-apiserver, as a module builds it, for tests/kube.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
