// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/hack/build"
)

// TestRobots holds the pattern that users install against what programs and
// browsers really call themselves.
func TestRobots(t *testing.T) {
	robot := robotPattern(t)
	cases := map[string]struct {
		reason string
		agent  string
		want   bool
	}{
		"Slack":          {"a link in a chat is no visit", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", true},
		"SlackImages":    {"nor is the picture in it", "Slack-ImgProxy (+https://api.slack.com/robots)", true},
		"Discord":        {"it pretends to be a browser", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", true},
		"Twitter":        {"it says nothing but its name", "Twitterbot/1.0", true},
		"Facebook":       {"its name has no bot in it", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", true},
		"LinkedIn":       {"capital letters", "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", true},
		"Telegram":       {"it names another robot", "TelegramBot (like TwitterBot)", true},
		"WhatsApp":       {"a phone asks, not a person", "WhatsApp/2.23.20.0", true},
		"Teams":          {"it goes by an old name", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com", true},
		"Kubernetes":     {"probes come every few seconds", "kube-probe/1.36", true},
		"GoogleCloud":    {"health checks of a load balancer", "GoogleHC/1.0", true},
		"AWS":            {"health checks of a load balancer", "ELB-HealthChecker/2.0", true},
		"UptimeRobot":    {"monitors never stop", "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", true},
		"UptimeKuma":     {"monitors never stop", "Uptime-Kuma/1.23.11", true},
		"Blackbox":       {"monitors never stop", "Blackbox Exporter/0.25.0", true},
		"GitHub":         {"pictures in a pull request go through it", "github-camo (f02ce5a0)", true},
		"Google":         {"crawlers find links in public repositories", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true},
		"Chrome":         {"a person", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", false},
		"Firefox":        {"a person", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0", false},
		"SafariOnAPhone": {"a person", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", false},
		"Cubot":          {"a person with a phone of that make", "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36", false},
		"Headless":       {"an end-to-end test wants the stack awake", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36", false},
		"Curl":           {"somebody works with the API", "curl/8.14.1", false},
		"Go":             {"another service, or a test", "Go-http-client/1.1", false},
		"Webhooks":       {"a callback must be delivered", "Stripe/1.0 (webhooks)", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := robot.MatchString(c.agent); got != c.want {
				t.Errorf("%s: %q is a robot: want %t, got %t", c.reason, c.agent, c.want, got)
			}
		})
	}
}

// robotPattern is what the route of the add-on matches User-Agent with, anchored
// as Envoy does: it has to match there and where patterns may match anywhere.
func robotPattern(t *testing.T) *regexp.Regexp {
	t.Helper()
	root, err := build.Root()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(sleepRoute)))
	if err != nil {
		t.Fatal(err)
	}
	route := &gatewayv1.HTTPRoute{}
	if err := yaml.UnmarshalStrict(data, route); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile("^(?:" + route.Spec.Rules[0].Matches[0].Headers[0].Value + ")$")
}
