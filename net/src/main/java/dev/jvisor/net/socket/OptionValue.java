// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.mm.usercopy.UserMemory;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** The value of setsockopt(2) where the guest has it: an option reads as much as it needs. */
public final class OptionValue {

    private final @Nullable UserMemory memory;
    private final long address;
    private final byte[] bytes;
    private final int length;

    private OptionValue(@Nullable UserMemory memory, long address, byte[] bytes, int length) {
        this.memory = memory;
        this.address = address;
        this.bytes = bytes;
        this.length = length;
    }

    /** A value in the guest's memory; {@code length} is not negative. */
    public static OptionValue at(UserMemory memory, long address, int length) {
        return new OptionValue(memory, address, new byte[0], length);
    }

    /** A value of the Sentry. */
    public static OptionValue of(byte[] value) {
        return new OptionValue(null, 0, value, value.length);
    }

    /** An int of the Sentry. */
    public static OptionValue of(int value) {
        return of(SocketOptions.bytes(value));
    }

    /** How long the caller says it is, bytes. */
    public int length() {
        return length;
    }

    /**
     * The first four bytes.
     *
     * @throws ErrnoException EINVAL if it is shorter, EFAULT
     */
    public int asInt() throws ErrnoException {
        byte[] b = head(Integer.BYTES);
        return b[0] & 0xff | (b[1] & 0xff) << 8 | (b[2] & 0xff) << 16 | b[3] << 24;
    }

    /** The eight bytes at an offset; EINVAL if it is shorter, EFAULT. */
    public long longAt(int offset) throws ErrnoException {
        byte[] b = head(offset + Long.BYTES);
        long value = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            value = value << 8 | b[offset + i] & 0xff;
        }
        return value;
    }

    /** The first bytes; EINVAL if it is shorter, EFAULT. */
    public byte[] head(int count) throws ErrnoException {
        if (length < count) {
            throw Errno.EINVAL.exception();
        }
        return upTo(count);
    }

    /** At most {@code count} bytes; EFAULT. */
    public byte[] upTo(int count) throws ErrnoException {
        byte[] result = new byte[Math.min(count, length)];
        if (memory == null) {
            System.arraycopy(bytes, 0, result, 0, result.length);
        } else {
            memory.copyIn(address, result, 0, result.length);
        }
        return result;
    }
}
