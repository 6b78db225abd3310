/**
 * What pretended targets show over TLS. PowerDNS never verifies it, and it protects nothing: the key is public. Self-signed,
 * for another name than any, valid for a hundred years.
 */
export const CERTIFICATE = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBkTCCATegAwIBAgIUWUZT3J8NL9xJdLCMuIvOps1Gm7AwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSd3JvbmctbmFtZS5leGFtcGxlMCAXDTI2MTEyMzAwMjQ1NFoY
DzIxMjYxMTI0MDAyNDU0WjAdMRswGQYDVQQDDBJ3cm9uZy1uYW1lLmV4YW1wbGUw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASvoPdS+XHhVVpKvHs2C00a9j+zG1w7
gU3ejtD1eaQJhAV8hlZZZYxPRXCt0GCI2zb3DdTnLF8VvtXIUvGJweLpo1MwUTAd
BgNVHQ4EFgQUGhq8qlmFq9L8sqoAml61cTnrV+IwHwYDVR0jBBgwFoAUGhq8qlmF
q9L8sqoAml61cTnrV+IwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF
AiEAszvKPeTFd61fLKjFqIvLJUqULtT3yDGTh/vgjw5YLVcCIF4WJSnHJFlmTh5Y
YI/3sE6ZYMFf6QSQIyal0uAglnhI
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglj7q+o/6GJ06huJ1
Hl9/3E9mzjzL5avaVa5nMHZNKRKhRANCAASvoPdS+XHhVVpKvHs2C00a9j+zG1w7
gU3ejtD1eaQJhAV8hlZZZYxPRXCt0GCI2zb3DdTnLF8VvtXIUvGJweLp
-----END PRIVATE KEY-----
`,
} as const;
