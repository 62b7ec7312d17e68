/** CertificatePort: looks at certificates, trusts none. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Certificate, CertificatePort } from './ports.js';

const PATIENCE_MS = 5000;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export const localCertificates: CertificatePort = {
  ofServer: (host, port) => new Promise((resolve, reject) => {
    // Nothing is sent: what matters is the certificate itself, also when it is not to be trusted.
    const socket = connect({ host, port, rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) }, () => {
      const { raw } = socket.getPeerCertificate() as { raw?: Buffer };
      socket.destroy();
      resolve(raw === undefined ? null : certificateOf(raw));
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  }),
  inPem: (text) => (text.match(PEM) ?? []).map((pem) => certificateOf(pem)),
};

function certificateOf(text: string | Buffer): Certificate {
  const { subject, validFrom, validTo } = new X509Certificate(text);
  return { subject: subject?.replaceAll('\n', ', ') ?? '', notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
}
