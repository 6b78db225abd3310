/** PROXY protocol, version 2: shows a server that trusts us any client address, without a packet ever coming from there. */
import type { IpAddress } from '../../geoip/address.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const VERSION_2_PROXIED = 0x21;
const DATAGRAMS = { 4: 0x12, 6: 0x22 } as const;

/** The header of one datagram. */
export function proxyHeader(client: IpAddress, clientPort: number, serverPort: number): Buffer {
  const { family, bytes } = client;
  const server = new Uint8Array(bytes.length);
  // The server's own address is read by nobody; an address of the same family must stand there.
  server[server.length - 1] = 1;
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(clientPort, 0);
  ports.writeUInt16BE(serverPort, 2);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(2 * bytes.length + ports.length);
  return Buffer.concat([SIGNATURE, Buffer.from([VERSION_2_PROXIED, DATAGRAMS[family]]), length, bytes, server, ports]);
}
