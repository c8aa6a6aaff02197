package credentials

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
)

// publishSettings is schema 2.0, without a namespace: the one that has address and
// certificate on the subscription, where all clients look for them. The profile has
// no address of its own, since some clients let it win over the subscription's.
const publishSettings = `<?xml version="1.0" encoding="utf-8"?>
<PublishData>
  <PublishProfile SchemaVersion="2.0" PublishMethod="AzureServiceManagementAPI">
    <Subscription
      ServiceManagementUrl="%s"
      Id="%s"
      Name="%s"
      ManagementCertificate="%s" />
  </PublishProfile>
</PublishData>
`

// PublishSettings returns a .publishsettings file that leads clients to the
// management API at url, with the private key in it. A slash at the end of url is
// left out: a client was seen to join it with a slash of its own.
func (m *Management) PublishSettings(url, subscriptionName string) []byte {
	return fmt.Appendf(nil, publishSettings,
		escape(strings.TrimRight(url, "/")), escape(m.SubscriptionID), escape(subscriptionName),
		base64.StdEncoding.EncodeToString(m.PFX))
}

// escape returns s as the value of an attribute.
func escape(s string) string {
	var b bytes.Buffer
	// A bytes.Buffer never fails.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
