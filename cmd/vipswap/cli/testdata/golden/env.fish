set -gx VIPSWAP_MANAGEMENT_URL 'https://127.0.0.1:8443';
set -gx VIPSWAP_SUBSCRIPTION_ID '5ae1c0de-0b1e-4e9e-8a5e-b10e9ee75afe';
set -gx VIPSWAP_CERT '/c.pem';
set -gx VIPSWAP_KEY '/k.pem';
set -gx VIPSWAP_CA '/it\'s/ca.pem';
set -gx VIPSWAP_CONTROL_URL 'http://127.0.0.1:8444';
