package nginxtest_test

import (
	"io"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"ruptura/internal/nginxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestRunsStopsAndRunsAgain(t *testing.T) {
	s := nginxtest.Start(t, func(listen string) string {
		return `server { listen ` + listen + `; location / { return 200 "$uri"; } }`
	})
	if body, err := get(t, s.URL+"/a"); err != nil || body != "/a" {
		t.Errorf("%q, %v", body, err)
	}
	s.Stop()
	s.Stop()
	if body, err := get(t, s.URL+"/b"); err == nil {
		t.Errorf("%q after the end", body)
	}
	s.Run()
	if body, err := get(t, s.URL+"/c"); err != nil || body != "/c" {
		t.Errorf("%q, %v", body, err)
	}
}
