/** How the clients of a proxy come to trust an authority, by where they look. */
export const howToTrust = (
  file: string,
): string => `Let those trust it who are to use the proxy, and nobody else:

  curl                 curl --cacert ${file} …, or CURL_CA_BUNDLE=${file}
  Node.js              NODE_EXTRA_CA_CERTS=${file}
  Python (requests)    REQUESTS_CA_BUNDLE=${file}; others: SSL_CERT_FILE=${file}
  Go, OpenSSL          SSL_CERT_FILE=${file}
  Java                 keytool -importcert -cacerts -alias sluice -file ${file}
  Debian, Ubuntu       cp ${file} /usr/local/share/ca-certificates/sluice.crt && update-ca-certificates
  Fedora, RHEL         cp ${file} /etc/pki/ca-trust/source/anchors/ && update-ca-trust
  Alpine               cp ${file} /usr/local/share/ca-certificates/sluice.crt && update-ca-certificates
  macOS                security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${file}
  Windows              certutil -user -addstore Root ${file}
  Firefox              Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import
  Kubernetes           a ConfigMap with the file, mounted, and one of the variables above

SSL_CERT_FILE, CURL_CA_BUNDLE and REQUESTS_CA_BUNDLE replace what is trusted otherwise: for hosts that pass through
unread, append the file to a copy of the usual bundle and name that. A client that pins certificates trusts no other in
any case: name its hosts in passthrough.
`;
