/** Headers that say nothing of an API: of the hop, the client, the network, the trace, or of what stands elsewhere in a model. */
const noise: ReadonlySet<string> = new Set(
  `accept accept-charset accept-encoding accept-language accept-ranges access-control-allow-credentials
  access-control-allow-headers access-control-allow-methods access-control-allow-origin access-control-expose-headers
  access-control-max-age access-control-request-headers access-control-request-method age alt-svc authorization b3
  baggage cache-control cdn-loop connection content-disposition content-encoding content-language content-length
  content-location content-range content-security-policy content-type cookie cross-origin-embedder-policy
  cross-origin-opener-policy cross-origin-resource-policy date dnt early-data etag expect expires forwarded from host
  if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive last-modified max-forwards nel origin
  permissions-policy pragma priority proxy-authenticate proxy-authorization proxy-connection range referer
  referrer-policy report-to save-data server server-timing set-cookie strict-transport-security te timing-allow-origin
  traceparent tracestate trailer transfer-encoding true-client-ip upgrade upgrade-insecure-requests user-agent vary via
  warning www-authenticate x-amz-cf-id x-amz-cf-pop x-amzn-trace-id x-cache x-cloud-trace-context x-content-type-options
  x-correlation-id x-forwarded x-frame-options x-permitted-cross-domain-policies x-powered-by x-real-ip x-request-id
  x-request-start x-requested-with x-runtime x-served-by x-timer x-xss-protection`.split(/\s+/),
);
const noisePrefixes =
  /^(?::|sec-|cf-|x-forwarded-|x-b3-|x-envoy-|x-datadog-|x-akamai-|fly-|fastly-|x-vercel-|x-ot-|access-control-|x-amz-cf-)/;

export const isNoise = (name: string): boolean => noise.has(name) || noisePrefixes.test(name);
