package signature

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parse reads a SAS that must be well formed.
func parse(t *testing.T, query string) SAS {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSAS(values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSASStringToSign(t *testing.T) {
	const common = "sp=rw&st=2016-01-01&se=2017-01-01T00:00Z&si=pol&sip=10.0.0.1-10.0.0.9&spr=https,http&ses=scope" +
		"&rscc=cc&rscd=cd&rsce=ce&rscl=cl&rsct=ct&sig=AQI="
	head := "rw\n2016-01-01\n2017-01-01T00:00Z\n"
	tests := []struct {
		name, query string
		want        string
	}{
		{"first version", common + "&sv=2015-04-05&sr=b", head + "/blob/acct/c/a b/x\npol\n10.0.0.1-10.0.0.9\nhttps,http\n2015-04-05\ncc\ncd\nce\ncl\nct"},
		{"with the resource", common + "&sv=2018-11-09&sr=b", head + "/blob/acct/c/a b/x\npol\n10.0.0.1-10.0.0.9\nhttps,http\n2018-11-09\nb\n\ncc\ncd\nce\ncl\nct"},
		{"with the encryption scope", common + "&sv=2020-12-06&sr=c", head + "/blob/acct/c\npol\n10.0.0.1-10.0.0.9\nhttps,http\n2020-12-06\nc\n\nscope\ncc\ncd\nce\ncl\nct"},
		{"account", "sp=rl&ss=bq&srt=sco&st=2016-01-01&se=2017-01-01&sip=1.2.3.4&spr=https&sv=2018-11-09&sig=AQI=", "acct\nrl\nbq\nsco\n2016-01-01\n2017-01-01\n1.2.3.4\nhttps\n2018-11-09\n"},
		{"account with the encryption scope", "sp=rl&ss=b&srt=s&se=2017-01-01&sv=2020-12-06&ses=scope&sig=AQI=", "acct\nrl\nb\ns\n\n2017-01-01\n\n\n2020-12-06\nscope\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parse(t, tt.query).StringToSign("acct", "c", "a b/x")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseSASRefuses(t *testing.T) {
	tests := []struct{ query, want string }{
		{"", "sig is not"},
		{"sig=!&sv=2018-11-09&sr=b", "sig is not"},
		{"sig=AQI=&sr=b", "sv is not"},
		{"sig=AQI=&sv=yesterday&sr=b", "sv is not"},
		{"sig=AQI=&sv=2014-02-14&sr=b", "older than 2015-04-05"},
		{"sig=AQI=&sv=2018-11-09", `sr "" is not`},
		{"sig=AQI=&sv=2018-11-09&sr=bs", `sr "bs" is not`},
		{"sig=AQI=&sv=2018-11-09&sr=b&sr=c", "sr is given more than once"},
		{"sig=AQI=&sv=2018-11-09&ss=b&sp=r", "needs sp, se and srt"},
	}
	for _, tt := range tests {
		values, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseSAS(values); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want one with %q", tt.query, err, tt.want)
		}
	}
}

func TestSASAllows(t *testing.T) {
	const base = "sig=AQI=&sv=2018-11-09&sr=b&sp=r&se=2017-01-01"
	addresses := []struct {
		sip, from string
		want      bool
	}{
		{"", "1.2.3.4", true},
		{"1.2.3.4", "1.2.3.4", true},
		{"1.2.3.4", "::ffff:1.2.3.4", true},
		{"1.2.3.4", "1.2.3.5", false},
		{"1.2.3.4-1.2.3.9", "1.2.3.9", true},
		{"1.2.3.4-1.2.3.9", "1.2.3.10", false},
		{"1.2.3.4-1.2.3.9", "1.2.3.3", false},
		{"nonsense", "1.2.3.4", false},
		{"1.2.3.4-nonsense", "1.2.3.4", false},
	}
	for _, tt := range addresses {
		if got := parse(t, base+"&sip="+tt.sip).AllowsAddress(netip.MustParseAddr(tt.from)); got != tt.want {
			t.Errorf("sip=%s from %s: %v, want %v", tt.sip, tt.from, got, tt.want)
		}
	}
	if s := parse(t, base+"&sip=1.2.3.4"); s.AllowsAddress(netip.Addr{}) {
		t.Error("an unknown address is allowed")
	}
	for spr, want := range map[string]bool{"": true, "https,http": true, "https": false} {
		s := parse(t, base+"&spr="+spr)
		if got := s.AllowsProtocol(false); got != want || !s.AllowsProtocol(true) {
			t.Errorf("spr=%s over plain HTTP: %v, want %v; over TLS: %v", spr, got, want, s.AllowsProtocol(true))
		}
	}
}

func TestSASOverrides(t *testing.T) {
	service := parse(t, "sig=AQI=&sv=2018-11-09&sr=b&rsct=text/plain&rscd=inline")
	want := map[string]string{"Content-Type": "text/plain", "Content-Disposition": "inline"}
	if diff := cmp.Diff(want, service.Overrides()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	account := parse(t, "sig=AQI=&sv=2018-11-09&ss=b&srt=o&sp=r&se=2017-01-01&rsct=text/plain")
	if got := account.Overrides(); len(got) != 0 {
		t.Errorf("overrides of an account SAS: %v", got)
	}
}

func TestParseTime(t *testing.T) {
	day := time.Date(2015, 7, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		text  string
		want  time.Time
		fails bool
	}{
		{"", time.Time{}, false},
		{"2015-07-01", day, false},
		{"2015-07-01T08:49Z", day.Add(8*time.Hour + 49*time.Minute), false},
		{"2015-07-01T08:49:37Z", day.Add(8*time.Hour + 49*time.Minute + 37*time.Second), false},
		{"2015-07-01T08:49:37.5000000Z", day.Add(8*time.Hour + 49*time.Minute + 37*time.Second + 500*time.Millisecond), false},
		{"2015-07-01 08:49", time.Time{}, true},
		{"tomorrow", time.Time{}, true},
	}
	for _, tt := range tests {
		got, err := ParseTime(tt.text)
		if (err != nil) != tt.fails || !got.Equal(tt.want) {
			t.Errorf("ParseTime(%q) = %v, %v; want %v, an error: %v", tt.text, got, err, tt.want, tt.fails)
		}
	}
}

func FuzzParseSAS(f *testing.F) {
	f.Add("sig=AQI=&sv=2018-11-09&sr=b&sp=r&se=2017-01-01&sip=1.2.3.4")
	f.Add("sig=AQI=&sv=2020-12-06&ss=b&srt=o&sp=r&se=2017-01-01T00:00Z&spr=https")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		s, err := ParseSAS(values)
		if err != nil {
			return
		}
		if len(s.Signature) == 0 || s.Version() < firstSAS {
			t.Errorf("%q: accepted without a signature or a version", query)
		}
		if !strings.Contains(s.StringToSign("acct", "c", "b"), "acct") {
			t.Errorf("%q: the account is not signed", query)
		}
		s.AllowsAddress(netip.MustParseAddr("1.2.3.4"))
	})
}
