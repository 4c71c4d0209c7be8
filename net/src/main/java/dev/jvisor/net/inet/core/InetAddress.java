// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Socket;

/**
 * A socket address: {@code struct sockaddr_in} or {@code struct sockaddr_in6}.
 *
 * @param scope interface of a link-local address, 0 for none
 */
public record InetAddress(IpAddress address, int port, int scope) {

    /** Bytes of {@code struct sockaddr_in}. */
    public static final int BYTES4 = 16;

    /** Bytes of {@code struct sockaddr_in6}. */
    public static final int BYTES6 = 28;

    /** Bytes of it without the scope, which is enough (RFC 2133). */
    public static final int BYTES6_MIN = 24;

    private static final int PORT = 2;
    private static final int ADDRESS4 = 4;
    private static final int ADDRESS6 = 8;
    private static final int SCOPE6 = 24;

    /** The family of an address, -1 if it is too short to have one. */
    public static int family(byte[] raw) {
        return raw.length < 2 ? -1 : raw[0] & 0xff | (raw[1] & 0xff) << 8;
    }

    /** Reads a {@code struct sockaddr_in}; it is long enough. */
    public static InetAddress read4(byte[] raw) {
        return new InetAddress(IpAddress.readV4(raw, ADDRESS4), Bytes.int16(raw, PORT), 0);
    }

    /** Reads a {@code struct sockaddr_in6} of at least {@link #BYTES6_MIN} bytes. */
    public static InetAddress read6(byte[] raw) {
        int scope = raw.length >= BYTES6 ? LittleEndian.getInt(raw, SCOPE6) : 0;
        return new InetAddress(IpAddress.readV6(raw, ADDRESS6), Bytes.int16(raw, PORT), scope);
    }

    /** The bytes that a guest with a socket of a family sees. */
    public byte[] bytes(int family) {
        if (family == Socket.AF_INET) {
            byte[] raw = new byte[BYTES4];
            raw[0] = Socket.AF_INET;
            Bytes.putInt16(raw, PORT, port);
            Bytes.putInt32(raw, ADDRESS4, address.v4Bits());
            return raw;
        }
        byte[] raw = new byte[BYTES6];
        raw[0] = Socket.AF_INET6;
        Bytes.putInt16(raw, PORT, port);
        address.writeV6(raw, ADDRESS6);
        LittleEndian.putInt(raw, SCOPE6, scope);
        return raw;
    }
}
