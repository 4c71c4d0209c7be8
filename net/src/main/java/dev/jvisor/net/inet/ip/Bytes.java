// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.ip;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in network byte order. */
public final class Bytes {

    private static final VarHandle INT16 =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT32 =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT64 =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    /** An unsigned 16-bit number. */
    public static int int16(byte[] from, int index) {
        return (short) INT16.get(from, index) & 0xffff;
    }

    public static void putInt16(byte[] to, int index, int value) {
        INT16.set(to, index, (short) value);
    }

    public static int int32(byte[] from, int index) {
        return (int) INT32.get(from, index);
    }

    public static void putInt32(byte[] to, int index, int value) {
        INT32.set(to, index, value);
    }

    public static long int64(byte[] from, int index) {
        return (long) INT64.get(from, index);
    }

    public static void putInt64(byte[] to, int index, long value) {
        INT64.set(to, index, value);
    }
}
