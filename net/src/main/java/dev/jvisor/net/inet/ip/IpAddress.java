// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.ip;

import org.jspecify.annotations.Nullable;

/**
 * An IPv6 address, or an IPv4 address in its mapped form (RFC 4291, 2.5.5.2).
 *
 * <p>One type for both, as the sockets of both families share ports and connections.
 */
public final class IpAddress {

    /** 0.0.0.0. */
    public static final IpAddress ANY4 = v4(0);

    /** ::. */
    public static final IpAddress ANY6 = new IpAddress(0, 0);

    /** 127.0.0.1. */
    public static final IpAddress LOOPBACK4 = v4(0x7f000001);

    /** ::1. */
    public static final IpAddress LOOPBACK6 = new IpAddress(0, 1);

    /** 255.255.255.255. */
    public static final IpAddress BROADCAST4 = v4(-1);

    /** Bytes of an IPv4 address. */
    public static final int V4_BYTES = 4;

    /** Bytes of an IPv6 address. */
    public static final int V6_BYTES = 16;

    private static final long MAPPED = 0xffffL;

    private final long high;
    private final long low;

    private IpAddress(long high, long low) {
        this.high = high;
        this.low = low;
    }

    /** An IPv4 address, most significant byte first in the int. */
    public static IpAddress v4(int bits) {
        return new IpAddress(0, MAPPED << 32 | bits & 0xffffffffL);
    }

    /** An IPv6 address of two halves; a mapped one is an IPv4 address. */
    public static IpAddress v6(long high, long low) {
        return new IpAddress(high, low);
    }

    /** The IPv4 address in the four bytes at an index. */
    public static IpAddress readV4(byte[] from, int index) {
        return v4(Bytes.int32(from, index));
    }

    /** The IPv6 address in the sixteen bytes at an index. */
    public static IpAddress readV6(byte[] from, int index) {
        return new IpAddress(Bytes.int64(from, index), Bytes.int64(from, index + 8));
    }

    /** Whether it is an IPv4 address. */
    public boolean isV4() {
        return high == 0 && low >>> 32 == MAPPED;
    }

    /** The bits of an IPv4 address. */
    public int v4Bits() {
        return (int) low;
    }

    public long high() {
        return high;
    }

    public long low() {
        return low;
    }

    /** Whether it is 0.0.0.0 or ::. */
    public boolean isAny() {
        return high == 0 && (low == 0 || low == MAPPED << 32);
    }

    public boolean isLoopback() {
        return isV4() ? v4Bits() >>> 24 == 127 : high == 0 && low == 1;
    }

    public boolean isMulticast() {
        return isV4() ? v4Bits() >>> 28 == 0xe : high >>> 56 == 0xff;
    }

    public boolean isLinkLocal() {
        return !isV4() && high >>> 54 == 0xfe80 >>> 6;
    }

    /** The any-address of the same version. */
    public IpAddress any() {
        return isV4() ? ANY4 : ANY6;
    }

    /** Writes the four or sixteen bytes of it. */
    public void write(byte[] to, int index) {
        if (isV4()) {
            Bytes.putInt32(to, index, v4Bits());
        } else {
            writeV6(to, index);
        }
    }

    /** Writes sixteen bytes, an IPv4 address in its mapped form. */
    public void writeV6(byte[] to, int index) {
        Bytes.putInt64(to, index, high);
        Bytes.putInt64(to, index + 8, low);
    }

    /** Bytes that {@link #write} writes. */
    public int length() {
        return isV4() ? V4_BYTES : V6_BYTES;
    }

    /** Whether the first bits are those of another address of the same version. */
    public boolean matches(IpAddress prefix, int bits) {
        if (isV4() != prefix.isV4()) {
            return false;
        }
        if (isV4()) {
            return bits == 0 || (v4Bits() ^ prefix.v4Bits()) >>> 32 - bits == 0;
        }
        if (bits <= 64) {
            return bits == 0 || (high ^ prefix.high) >>> 64 - bits == 0;
        }
        return high == prefix.high && (low ^ prefix.low) >>> 128 - bits == 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IpAddress a && a.high == high && a.low == low;
    }

    @Override
    public int hashCode() {
        long mixed = (high * 31 + low) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32);
    }

    @Override
    public String toString() {
        StringBuilder s = new StringBuilder();
        if (isV4()) {
            int v = v4Bits();
            return s.append(v >>> 24)
                    .append('.')
                    .append(v >>> 16 & 255)
                    .append('.')
                    .append(v >>> 8 & 255)
                    .append('.')
                    .append(v & 255)
                    .toString();
        }
        for (int i = 0; i < 8; i++) {
            long half = i < 4 ? high : low;
            s.append(i == 0 ? "" : ":");
            s.append(Long.toHexString(half >>> 48 - 16 * (i & 3) & 0xffff));
        }
        return s.toString();
    }
}
