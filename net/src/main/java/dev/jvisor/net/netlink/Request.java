// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Netlink;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * A message that a guest sent, its header decoded; the payload is as the guest made it.
 *
 * @param port of the sender's socket, whatever the header says
 */
record Request(int type, int flags, int sequence, int port, byte[] raw) {

    /** The message at an index of what a socket sent; its length was checked. */
    static Request read(byte[] from, int index, int length, int port) {
        byte[] raw = Arrays.copyOfRange(from, index, index + length);
        return new Request(
                LittleEndian.getUnsignedShort(raw, 4),
                LittleEndian.getUnsignedShort(raw, 6),
                LittleEndian.getInt(raw, 8),
                port,
                raw);
    }

    /** Bytes behind the header. */
    int payloadLength() {
        return raw.length - MessageWriter.HEADER_BYTES;
    }

    /** An unsigned byte of the payload, 0 if there is none. */
    int int8(int offset) {
        int at = MessageWriter.HEADER_BYTES + offset;
        return at < raw.length ? raw[at] & 0xff : 0;
    }

    int int32(int offset) {
        int at = MessageWriter.HEADER_BYTES + offset;
        return at + 4 <= raw.length ? LittleEndian.getInt(raw, at) : 0;
    }

    boolean has(int flag) {
        return (flags & flag) == flag;
    }

    boolean isDump() {
        return has(Netlink.NLM_F_DUMP);
    }

    /** The value of an attribute behind a fixed part, null if it is not there. */
    byte @Nullable [] attribute(int fixedLength, int wanted) {
        int at = MessageWriter.HEADER_BYTES + (fixedLength + 3 & ~3);
        while (at + 4 <= raw.length) {
            int length = LittleEndian.getUnsignedShort(raw, at);
            if (length < 4 || at + length > raw.length) {
                return null;
            }
            if ((LittleEndian.getUnsignedShort(raw, at + 2) & 0x3fff) == wanted) {
                return Arrays.copyOfRange(raw, at + 4, at + length);
            }
            at += length + 3 & ~3;
        }
        return null;
    }
}
