// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Socket;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A name of a UNIX socket ({@code struct sockaddr_un}): a path, or with a NUL in front an abstract
 * name, in which every byte counts. Sockets without name have none of these.
 */
final class UnixAddress {

    private static final int FAMILY_BYTES = 2;

    /** sizeof(struct sockaddr_un). */
    private static final int BYTES_MAX = 110;

    /** What getsockname(2) tells of a socket without name: the family alone. */
    private static final byte[] UNNAMED = {Socket.AF_UNIX, 0};

    private final byte[] bytes;

    private UnixAddress(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Takes an address that names something.
     *
     * @throws ErrnoException EINVAL for another family, without name or too long
     */
    static UnixAddress parse(byte[] address) throws ErrnoException {
        if (address.length <= FAMILY_BYTES
                || address.length > BYTES_MAX
                || LittleEndian.getUnsignedShort(address, 0) != Socket.AF_UNIX) {
            throw Errno.EINVAL.exception();
        }
        if (address[FAMILY_BYTES] == 0) {
            return new UnixAddress(address);
        }
        // A path ends at its NUL or, as callers forget it, where the address does.
        int end = FAMILY_BYTES;
        while (end < address.length && address[end] != 0) {
            end++;
        }
        return new UnixAddress(Arrays.copyOf(Arrays.copyOf(address, end), end + 1));
    }

    /** The abstract name of a number, as autobind gives them. */
    static UnixAddress automatic(int number) {
        String digits = Integer.toHexString(number);
        byte[] bytes = new byte[FAMILY_BYTES + 6];
        bytes[0] = Socket.AF_UNIX;
        for (int i = 0; i < 5; i++) {
            int from = digits.length() - 5 + i;
            bytes[FAMILY_BYTES + 1 + i] = (byte) (from < 0 ? '0' : digits.charAt(from));
        }
        return new UnixAddress(bytes);
    }

    /** Whether an address only asks for a name (bind(2) with the family alone). */
    static boolean asksForName(byte[] address) {
        return address.length == FAMILY_BYTES
                && LittleEndian.getUnsignedShort(address, 0) == Socket.AF_UNIX;
    }

    boolean isAbstract() {
        return bytes[FAMILY_BYTES] == 0;
    }

    /** The path, one char for each byte; the NUL behind it is not part. */
    String path() {
        int length = bytes.length - FAMILY_BYTES - 1;
        return new String(bytes, FAMILY_BYTES, length, StandardCharsets.ISO_8859_1);
    }

    /** All of an abstract name, the NUL in front included. */
    String abstractName() {
        int length = bytes.length - FAMILY_BYTES;
        return new String(bytes, FAMILY_BYTES, length, StandardCharsets.ISO_8859_1);
    }

    /** The address as the guest sees it; not to be changed. */
    static byte[] bytesOf(@org.jspecify.annotations.Nullable UnixAddress address) {
        return address == null ? UNNAMED : address.bytes;
    }

    /** The address of a message's sender: empty for one without name. */
    static byte[] senderBytes(@org.jspecify.annotations.Nullable UnixAddress address) {
        return address == null ? new byte[0] : address.bytes;
    }
}
