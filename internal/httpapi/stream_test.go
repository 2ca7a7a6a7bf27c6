package httpapi_test

import "regexp"

var retryLine = regexp.MustCompile(`^retry: (\d+)\n\n`)

// withoutRetry is a stream without the one line that differs each time.
func withoutRetry(stream string) string { return retryLine.ReplaceAllString(stream, "") }
