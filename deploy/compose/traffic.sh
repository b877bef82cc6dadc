#!/bin/sh
# Calls of several kinds through the gateway, some five a second, until it is stopped. Each has a credential, so that there is
# something for the pump to take out.
set -u
call() {
  path=$1
  shift
  curl --silent --output /dev/null --max-time 5 \
    --header "Authorization: Bearer demo-credential-0123456789" "$@" "$GATEWAY/demo$path"
}
number=0
until call /get --fail; do sleep 1; done
while :; do
  number=$((number + 1))
  call "/anything/orders/$((number % 50))"
  call /anything/orders --request POST --header "content-type: application/json" \
    --data "{\"item\":$number,\"password\":\"demo-password-$number\"}"
  call "/json"
  [ $((number % 5)) -ne 0 ] || call "/delay/0.3"
  [ $((number % 7)) -ne 0 ] || call "/status/404"
  [ $((number % 20)) -ne 0 ] || call "/status/503"
  sleep 0.5
done
