#!/bin/sh
# Deploys, swaps and rolls back a cloud service with curl and the raw API.
#
#   deploy.sh deploy SLOT LABEL PACKAGE_URL CONFIGURATION
#   deploy.sh swap
#   deploy.sh rollback
#   deploy.sh show
#
# Everything that differs between the real service and the emulator is in these
# variables, which "vipswap env" and "vipswap test" set.
set -eu

: "${VIPSWAP_MANAGEMENT_URL:=https://management.core.windows.net}"
: "${VIPSWAP_SUBSCRIPTION_ID:?is not set: the id of the subscription}"
: "${VIPSWAP_CERT:?is not set: the management certificate as PEM}"
: "${VIPSWAP_KEY:?is not set: its key as PEM}"
: "${SERVICE:=shop}"
: "${POLL_SECONDS:=5}"

service=$VIPSWAP_MANAGEMENT_URL/$VIPSWAP_SUBSCRIPTION_ID/services/hostedservices/$SERVICE
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fail MESSAGE ends the script.
fail() {
	echo "deploy.sh: $1" >&2
	exit 1
}

# element NAME prints the text of the first element of that name in the last answer.
element() {
	tr '<' '\n' < "$work/body" | sed -n "s|^$1>||p" | head -n 1
}

# api METHOD URL [BODY] sends a request. The status is in $status, the id of the
# request in $request, the answer in $work/body.
api() {
	set -- "$1" "$2" "${3-}"
	status=$(curl -sS -X "$1" -o "$work/body" -D "$work/headers" -w '%{http_code}' \
		${VIPSWAP_CA:+--cacert "$VIPSWAP_CA"} --cert "$VIPSWAP_CERT" --key "$VIPSWAP_KEY" \
		-H 'x-ms-version: 2014-10-01' -H 'Content-Type: application/xml' --data-binary "$3" "$2")
	request=$(tr -d '\r' < "$work/headers" | sed -n 's/^[Xx]-[Mm][Ss]-[Rr]equest-[Ii][Dd]: *//p')
}

# change METHOD URL BODY sends a request that changes something, and waits until the
# operation that it began is over.
change() {
	api "$1" "$2" "$3"
	[ "$status" = 202 ] || fail "$1 was refused with $status: $(cat "$work/body")"
	operation=$request
	while :; do
		api GET "$VIPSWAP_MANAGEMENT_URL/$VIPSWAP_SUBSCRIPTION_ID/operations/$operation"
		case $(element Status) in
		Succeeded) return ;;
		Failed) fail "the operation failed: $(element Code): $(element Message)" ;;
		esac
		sleep "$POLL_SECONDS"
	done
}

# name SLOT prints the name of the slot's deployment, nothing for an empty slot.
name() {
	api GET "$service/deploymentslots/$1"
	case $status in
	200) element Name ;;
	404) ;;
	*) fail "cannot read the slot $1: $status: $(cat "$work/body")" ;;
	esac
}

# ready SLOT waits until all instances of the slot's deployment are ready. That the
# operation is over does not say so.
ready() {
	while :; do
		api GET "$service/deploymentslots/$1"
		all=$(grep -o '<InstanceStatus>' "$work/body" | wc -l)
		up=$(grep -o '<InstanceStatus>ReadyRole<' "$work/body" | wc -l)
		if [ "$(element Status)" = Running ] && [ "$all" -gt 0 ] && [ "$all" -eq "$up" ] && ! grep -q '<UpgradeStatus>' "$work/body"; then
			echo "$1 is ready: $up instances"
			return
		fi
		sleep "$POLL_SECONDS"
	done
}

# deploy SLOT LABEL PACKAGE_URL CONFIGURATION fills an empty slot, or upgrades what
# is in it.
deploy() {
	label=$(printf %s "$2" | base64)
	configuration=$(base64 < "$4")
	there=$(name "$1")
	if [ -z "$there" ]; then
		# A name has to be new. So is the id of an answer, and it is the same when a
		# scenario is played again.
		api GET "$service"
		change POST "$service/deploymentslots/$1" "<CreateDeployment xmlns=\"http://schemas.microsoft.com/windowsazure\"><Name>v-$request</Name><PackageUrl>$3</PackageUrl><Label>$label</Label><Configuration>$configuration</Configuration><StartDeployment>true</StartDeployment></CreateDeployment>"
	else
		change POST "$service/deploymentslots/$1/?comp=upgrade" "<UpgradeDeployment xmlns=\"http://schemas.microsoft.com/windowsazure\"><Mode>Auto</Mode><PackageUrl>$3</PackageUrl><Configuration>$configuration</Configuration><Label>$label</Label><Force>true</Force></UpgradeDeployment>"
	fi
	ready "$1"
}

# swap exchanges the slots.
swap() {
	production=$(name production)
	staging=$(name staging)
	[ -n "$staging" ] || fail "staging is empty: there is nothing to swap"
	change POST "$service" "<Swap xmlns=\"http://schemas.microsoft.com/windowsazure\"><Production>$production</Production><SourceDeployment>$staging</SourceDeployment></Swap>"
	echo "swapped"
}

# show prints what the slots hold.
show() {
	for slot in production staging; do
		if [ -n "$(name $slot)" ]; then
			echo "$slot: $(element Label | base64 -d) ($(element Status))"
		else
			echo "$slot: empty"
		fi
	done
}

case ${1-} in
deploy) [ $# -eq 5 ] || fail "usage: deploy.sh deploy SLOT LABEL PACKAGE_URL CONFIGURATION"; deploy "$2" "$3" "$4" "$5" ;;
swap | rollback) swap ;;
show) show ;;
*) fail "usage: deploy.sh deploy|swap|rollback|show" ;;
esac
