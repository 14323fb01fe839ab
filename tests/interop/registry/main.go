// SPDX-License-Identifier: Apache-2.0

// Registry is the test peer with the referrers API: go-containerregistry's in-memory registry
// behind a request log, optional Basic authentication and optional TLS.
//
// It prints "listening on ADDR" once it accepts connections and ends on SIGTERM or when its
// standard input closes, so it never outlives the test that holds the other end.
package main

import (
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// requestLog writes one "METHOD path?query status" line a request, unbuffered and before the
// answer's first byte: a test counts lines as soon as its client has the answer.
type requestLog struct {
	next http.Handler
	mu   sync.Mutex
	out  io.Writer
}

type loggingWriter struct {
	http.ResponseWriter
	line   string
	log    *requestLog
	logged bool
}

func (w *loggingWriter) note(status int) {
	if w.logged {
		return
	}
	w.logged = true
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	fmt.Fprintf(w.log.out, "%s %d\n", w.line, status)
}

func (w *loggingWriter) WriteHeader(status int) {
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *loggingWriter) Write(b []byte) (int, error) {
	w.note(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

func (l *requestLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := &loggingWriter{ResponseWriter: w, log: l, line: r.Method + " " + r.URL.RequestURI()}
	l.next.ServeHTTP(seen, r)
	seen.note(http.StatusOK)
}

func basicAuth(next http.Handler, credentials string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(credentials)) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="interop"`)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"errors":[{"code":"UNAUTHORIZED","message":"who are you?"}]}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func run() error {
	addr := flag.String("addr", "127.0.0.1:0", "listen here; port 0 picks a free one")
	cert := flag.String("tls-cert", "", "PEM certificate chain; turns TLS on")
	key := flag.String("tls-key", "", "PEM private key")
	basic := flag.String("basic", "", "user:password every request must carry")
	logFile := flag.String("log", "", "append a line a request here")
	referrers := flag.Bool("referrers", true, "serve the referrers API")
	flag.Parse()
	if flag.NArg() > 0 || (*cert == "") != (*key == "") ||
		(*basic != "" && !strings.Contains(*basic, ":")) {
		flag.Usage()
		return errors.New("bad arguments")
	}

	handler := registry.New(registry.WithReferrersSupport(*referrers),
		registry.Logger(log.New(io.Discard, "", 0)))
	if *basic != "" {
		handler = basicAuth(handler, *basic)
	}
	if *logFile != "" {
		out, err := os.OpenFile(*logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer out.Close()
		handler = &requestLog{next: handler, out: out}
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan error, 3)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		done <- nil
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		done <- nil
	}()
	go func() {
		if *cert != "" {
			done <- server.ServeTLS(listener, *cert, *key)
		} else {
			done <- server.Serve(listener)
		}
	}()
	fmt.Printf("listening on %s\n", listener.Addr())
	return <-done
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}
