// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import com.kenai.jffi.MemoryIO;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Loads and stores at absolute addresses of this process. For module {@code platform} only: nothing
 * here checks an address, so every caller holds bounds of its own ({@link NativeBuffer},
 * {@code MemoryFile}).
 *
 * <p>There are two ways. A {@link MemorySegment} over everything costs 1 ns once compiled, but 600
 * ns in the interpreter and 5 ms for its first use; jffi's native accessors cost 40 ns in the
 * interpreter, about 10 ns compiled, and nothing for the first use. A sandbox that lives for a
 * moment stays with jffi; one that goes on says {@link #settleDown}.
 */
public final class RawMemory {

    private static final MemoryIO IO = MemoryIO.getInstance();

    /** Not volatile: both ways are right at any time, and the flag only ever becomes true. */
    private static boolean settled;

    private RawMemory() {}

    /**
     * The segment and its handles; apart, because their set-up is what a start must not pay for.
     */
    private static final class Segments {
        static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
        static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
        static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
        static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
        static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
        static final VarHandle ATOMIC_INT = ValueLayout.JAVA_INT.varHandle();
    }

    /** Changes to the way that is faster in the long run. Idempotent; costs some milliseconds. */
    public static void settleDown() {
        if (!settled) {
            NativeBuffer buffer = NativeBuffer.scratch();
            long address = buffer.address();
            Segments.ALL.set(Segments.LONG, address, Segments.ALL.get(Segments.LONG, address));
            Segments.ALL.set(Segments.INT, address, Segments.ALL.get(Segments.INT, address));
            Segments.ALL.set(Segments.BYTE, address, Segments.ALL.get(Segments.BYTE, address));
            settled = true;
        }
    }

    public static byte getByte(long address) {
        return settled ? Segments.ALL.get(Segments.BYTE, address) : IO.getByte(address);
    }

    public static void putByte(long address, byte value) {
        if (settled) {
            Segments.ALL.set(Segments.BYTE, address, value);
        } else {
            IO.putByte(address, value);
        }
    }

    public static short getShort(long address) {
        return settled ? Segments.ALL.get(Segments.SHORT, address) : IO.getShort(address);
    }

    public static void putShort(long address, short value) {
        if (settled) {
            Segments.ALL.set(Segments.SHORT, address, value);
        } else {
            IO.putShort(address, value);
        }
    }

    public static int getInt(long address) {
        return settled ? Segments.ALL.get(Segments.INT, address) : IO.getInt(address);
    }

    public static void putInt(long address, int value) {
        if (settled) {
            Segments.ALL.set(Segments.INT, address, value);
        } else {
            IO.putInt(address, value);
        }
    }

    public static long getLong(long address) {
        return settled ? Segments.ALL.get(Segments.LONG, address) : IO.getLong(address);
    }

    public static void putLong(long address, long value) {
        if (settled) {
            Segments.ALL.set(Segments.LONG, address, value);
        } else {
            IO.putLong(address, value);
        }
    }

    /** Reads an int at a multiple of 4 with acquire ordering. */
    public static int getIntAcquire(long address) {
        // A load on x86 is an acquire, and the compiler moves nothing over a native call.
        return settled
                ? (int) Segments.ATOMIC_INT.getAcquire(Segments.ALL, address)
                : IO.getInt(address);
    }

    /** Writes an int at a multiple of 4 with release ordering. */
    public static void putIntRelease(long address, int value) {
        if (settled) {
            Segments.ATOMIC_INT.setRelease(Segments.ALL, address, value);
        } else {
            IO.putInt(address, value);
        }
    }

    /** Compares and exchanges an int at a multiple of 4; returns the witness value. */
    public static int compareAndExchangeInt(long address, int expected, int value) {
        return settled
                ? (int) Segments.ATOMIC_INT.compareAndExchange(
                        Segments.ALL, address, expected, value)
                : Native.compareAndExchange(address, expected, value);
    }

    /** Copies {@code length} bytes into an array. */
    public static void get(long address, byte[] destination, int index, int length) {
        if (settled) {
            MemorySegment.copy(Segments.ALL, Segments.BYTE, address, destination, index, length);
        } else {
            checkArray(destination.length, index, length);
            IO.getByteArray(address, destination, index, length);
        }
    }

    /** Copies {@code length} bytes from an array. */
    public static void put(long address, byte[] source, int index, int length) {
        if (settled) {
            MemorySegment.copy(source, index, Segments.ALL, Segments.BYTE, address, length);
        } else {
            checkArray(source.length, index, length);
            IO.putByteArray(address, source, index, length);
        }
    }

    /** Copies {@code length} words of 8 bytes into an array. */
    public static void get(long address, long[] destination, int index, int length) {
        if (settled) {
            MemorySegment.copy(Segments.ALL, Segments.LONG, address, destination, index, length);
        } else {
            checkArray(destination.length, index, length);
            IO.getLongArray(address, destination, index, length);
        }
    }

    /** Copies {@code length} words of 8 bytes from an array. */
    public static void put(long address, long[] source, int index, int length) {
        if (settled) {
            MemorySegment.copy(source, index, Segments.ALL, Segments.LONG, address, length);
        } else {
            checkArray(source.length, index, length);
            IO.putLongArray(address, source, index, length);
        }
    }

    private static void checkArray(int size, int index, int length) {
        if ((index | length) < 0 || index > size - length) {
            throw new IndexOutOfBoundsException(
                    "index=" + index + " length=" + length + " size=" + size);
        }
    }

    /** Copies {@code length} bytes; the ranges may overlap. */
    public static void copy(long from, long to, long length) {
        if (settled) {
            MemorySegment.copy(Segments.ALL, from, Segments.ALL, to, length);
        } else {
            Native.move(from, to, length);
        }
    }

    /** Stores {@code length} bytes of one value. */
    public static void fill(long address, long length, byte value) {
        if (settled) {
            Segments.ALL.asSlice(address, length).fill(value);
        } else {
            IO.setMemory(address, length, value);
        }
    }
}
