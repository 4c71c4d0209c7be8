// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SparseMemoryFileTests {

    private static final int PAGE = MemoryFile.PAGE_SIZE;

    private MemoryFile file;

    @BeforeEach
    void open() throws ErrnoException {
        file = MemoryFile.create(64L << 20);
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void allocationsOfTheSameSizeAreNeighbours() throws ErrnoException {
        long first = file.allocate(PAGE);
        assertThat(file.allocate(PAGE)).isEqualTo(first + PAGE);
        assertThat(file.allocatedBytes()).isEqualTo(2 * PAGE);
    }

    @Test
    void smallRangeThatWasFreedIsReusedAndReadsAsZero() throws ErrnoException {
        long offset = file.allocate(PAGE);
        file.allocate(PAGE);
        file.putLong(offset + 8, -1);
        file.free(offset, PAGE);
        assertThat(file.allocate(PAGE)).isEqualTo(offset);
        assertThat(file.getLong(offset + 8)).isZero();
    }

    @Test
    void largeRangeThatWasFreedReadsAsZero() throws ErrnoException {
        long offset = file.allocate(1 << 20);
        file.putLong(offset + 4096, -1);
        file.free(offset, 1 << 20);
        assertThat(file.allocate(1 << 20)).isEqualTo(offset);
        assertThat(file.getLong(offset + 4096)).isZero();
    }

    @Test
    void zeroedRangeStaysAllocatedAndReadsAsZero() throws ErrnoException {
        long offset = file.allocate(2 * PAGE);
        file.putLong(offset, 1);
        file.putLong(offset + PAGE, 2);
        file.zero(offset, PAGE);
        assertThat(file.getLong(offset)).isZero();
        assertThat(file.getLong(offset + PAGE)).isEqualTo(2);
        assertThat(file.allocatedBytes()).isEqualTo(2 * PAGE);
    }

    @Test
    void requestAboveTheLimitIsEnomem() {
        assertThatThrownBy(() -> file.allocate(65L << 20))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno).isEqualTo(Errno.ENOMEM));
    }

    @Test
    void limitCountsWhatIsResidentNotWhatIsReserved() throws ErrnoException {
        long first = file.allocate(48L << 20);
        file.allocate(48L << 20); // nothing of the first is touched
        for (long i = 0; i < 32L << 20; i += PAGE) {
            file.putByte(first + i, (byte) 1);
        }
        assertThatThrownBy(() -> file.allocate(48L << 20)).isInstanceOf(ErrnoException.class);
    }

    @Test
    void accessOutsideOfTheWindowIsABug() {
        assertThatThrownBy(() -> file.getLong(file.size() - 7)).isInstanceOf(SentryBug.class);
        assertThatThrownBy(() -> file.getByte(-1)).isInstanceOf(SentryBug.class);
        assertThatThrownBy(() -> file.get(0, new byte[1], 0, -1))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> file.copy(0, file.size() - 1, 2)).isInstanceOf(SentryBug.class);
        assertThatThrownBy(() -> file.compareAndExchangeInt(2, 0, 0)).isInstanceOf(SentryBug.class);
    }

    @Test
    void doubleFreeIsABug() throws ErrnoException {
        long offset = file.allocate(3 * PAGE);
        file.free(offset + PAGE, PAGE);
        assertThatThrownBy(() -> file.free(offset, 2 * PAGE)).isInstanceOf(SentryBug.class);
    }

    @Test
    void accessAfterCloseIsABugNotACrash() {
        file.close();
        assertThatThrownBy(() -> file.getLong(0)).isInstanceOf(SentryBug.class);
    }

    @Test
    void indexOfZeroLooksAtEveryByte() throws ErrnoException {
        long offset = file.allocate(PAGE);
        for (int i = 0; i < 100; i++) {
            file.putByte(offset + i, (byte) 0x80);
        }
        for (int start = 0; start < 20; start++) {
            assertThat(file.indexOfZero(offset + start, 200)).isEqualTo(100 - start);
            assertThat(file.indexOfZero(offset + start, 100 - start)).isEqualTo(-1);
        }
    }

    @Test
    void compareAndExchangeReturnsTheWitness() throws ErrnoException {
        long offset = file.allocate(PAGE);
        file.putInt(offset + 4, 7);
        assertThat(file.compareAndExchangeInt(offset + 4, 8, 9)).isEqualTo(7);
        assertThat(file.compareAndExchangeInt(offset + 4, 7, 9)).isEqualTo(7);
        assertThat(file.getIntVolatile(offset + 4)).isEqualTo(9);
    }
}
