// SPDX-License-Identifier: Apache-2.0

// The real etcd that the kube-apiserver of tests/kube keeps its objects in.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
