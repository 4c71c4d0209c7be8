// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RawMemoryTests {

    @Test
    void bothWaysGiveTheSame() {
        check(); // whatever way this JVM uses so far
        RawMemory.settleDown();
        check();
    }

    private static void check() {
        NativeBuffer buffer = NativeBuffer.allocate(4096);
        long at = buffer.address();
        RawMemory.putLong(at + 1, 0x1122334455667788L);
        assertThat(RawMemory.getLong(at + 1)).isEqualTo(0x1122334455667788L);
        assertThat(RawMemory.getInt(at + 1)).isEqualTo(0x55667788);
        assertThat(RawMemory.getShort(at + 3)).isEqualTo((short) 0x5566);
        assertThat(RawMemory.getByte(at + 8)).isEqualTo((byte) 0x11);
        RawMemory.putInt(at + 16, -2);
        RawMemory.putShort(at + 20, (short) -3);
        RawMemory.putByte(at + 22, (byte) -4);
        assertThat(RawMemory.getLong(at + 16)).isEqualTo(0x00fc_fffd_ffff_fffeL);

        assertThat(RawMemory.compareAndExchangeInt(at + 16, 5, 6)).isEqualTo(-2);
        assertThat(RawMemory.getIntAcquire(at + 16)).isEqualTo(-2);
        assertThat(RawMemory.compareAndExchangeInt(at + 16, -2, 6)).isEqualTo(-2);
        assertThat(RawMemory.getIntAcquire(at + 16)).isEqualTo(6);
        RawMemory.putIntRelease(at + 16, 7);
        assertThat(RawMemory.getInt(at + 16)).isEqualTo(7);

        byte[] bytes = {1, 2, 3, 4, 5};
        RawMemory.put(at + 100, bytes, 1, 3);
        RawMemory.copy(at + 100, at + 101, 3); // overlapping
        byte[] read = new byte[6];
        RawMemory.get(at + 100, read, 2, 4);
        assertThat(read).containsExactly(0, 0, 2, 2, 3, 4);
        RawMemory.fill(at + 101, 2, (byte) 9);
        RawMemory.get(at + 100, read, 0, 4);
        assertThat(read).startsWith(2, 9, 9, 4);

        long[] words = {10, 20, 30};
        RawMemory.put(at + 200, words, 1, 2);
        long[] back = new long[3];
        RawMemory.get(at + 200, back, 1, 2);
        assertThat(back).containsExactly(0, 20, 30);

        assertThatThrownBy(() -> RawMemory.get(at, read, 3, 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> RawMemory.put(at, read, 0, -1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> RawMemory.get(at, back, 1, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
        buffer.free();
    }
}
