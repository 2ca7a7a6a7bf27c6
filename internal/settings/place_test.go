package settings_test

import (
	"slices"
	"strings"
	"testing"

	"ruptura/internal/settings"
)

func TestBasePath(t *testing.T) {
	for given, want := range map[string]string{
		"/": "", "ruptura": "/ruptura", "/ruptura": "/ruptura", "/ruptura/": "/ruptura", "/a/b-c_d~e.f": "/a/b-c_d~e.f",
	} {
		s, err := settings.Load(from(map[string][]string{"base-path": {given}}, nil, ""), settings.Server)
		if err != nil || s.BasePath != want {
			t.Errorf("%q is %q, %v; want %q", given, s.BasePath, err, want)
		}
	}
	for _, given := range []string{
		"//", "/a//b", "//evil.example", "https://erp.example/ruptura", "/a/../b", "/.", "/a b", "/a%20b", "/a?b", "/a#b", "/{x}", "/ç",
		"/a\r\n", "/a;b", `\a`, "/" + strings.Repeat("a", 200),
	} {
		if s, err := settings.Load(from(map[string][]string{"base-path": {given}}, nil, ""), settings.Server); err == nil {
			t.Errorf("%q was taken as %q", given, s.BasePath)
		}
	}
}

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []string
		want  []string
	}{
		{"as a browser writes it", []string{"https://erp.example.com"}, []string{"https://erp.example.com"}},
		{"with a port", []string{"http://erp:8080"}, []string{"http://erp:8080"}},
		{"the scheme's own port", []string{"https://erp:443", "http://erp:80"}, []string{"https://erp", "http://erp"}},
		{"the other scheme's port", []string{"http://erp:443"}, []string{"http://erp:443"}},
		{"in capitals", []string{"HTTPS://ERP.example.com"}, []string{"https://erp.example.com"}},
		{"addresses", []string{"http://10.0.0.1", "http://[::1]:3000"}, []string{"http://10.0.0.1", "http://[::1]:3000"}},
		{"a list, and repeats", []string{"https://a, https://b", "https://a"}, []string{"https://a", "https://b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := settings.Load(from(map[string][]string{"allow-origin": c.given}, nil, ""), settings.Server)
			if err != nil || !slices.Equal(s.Origins, c.want) {
				t.Errorf("%q, %v; want %q", s.Origins, err, c.want)
			}
		})
	}
	for _, given := range []string{
		"*", "null", "erp.example.com", "https://", "https://erp/", "https://erp/page", "https://erp?x", "https://erp#x", "https://u@erp",
		"https://u:p@erp", "file:///page.html", "ftp://erp", "https://*.example.com", "https://erp:", "https://erp:0", "https://erp:99999",
		"https://erp:x", "https://e rp", "https://érp", "https://erp\r\nX: y", "https://erp,", "//erp", "https://[fe80::1%25eth0]",
	} {
		if s, err := settings.Load(from(map[string][]string{"allow-origin": {given}}, nil, ""), settings.Server); err == nil {
			t.Errorf("%q was taken as %q", given, s.Origins)
		}
	}
}
