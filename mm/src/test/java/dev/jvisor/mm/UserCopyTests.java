// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.testing.FakeFile;
import dev.jvisor.mm.testing.FakeMemoryFile;
import dev.jvisor.mm.testing.FakeProcess;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

final class UserCopyTests {

    private static final int P = 4096;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int ANONYMOUS = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;

    private final FakeMemoryFile memory = new FakeMemoryFile();
    private final PageAllocator pages = new PageAllocator(memory);
    private final FakeProcess process = FakeProcess.create(pages);
    private final MemoryManager mm = process.mm;

    /** Two writable pages with nothing behind them. */
    private long mapTwo() throws ErrnoException {
        long a = mm.mmap(0, 3 * P, RW, ANONYMOUS, null, 0);
        mm.munmap(a + 2 * P, P);
        return a;
    }

    private static byte[] bytes(int length, int first) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private static void assertEfault(ThrowingCallable call) {
        assertErrno(Errno.EFAULT, call);
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno).isEqualTo(errno));
    }

    @Test
    void copyStopsAtTheFirstBadByte() throws ErrnoException {
        long a = mapTwo();
        byte[] data = bytes(300, 7);
        assertThat(mm.copyOutPartial(a + 2 * P - 100, data, 0, 300)).isEqualTo(100);
        byte[] back = new byte[300];
        assertThat(mm.copyInPartial(a + 2 * P - 100, back, 10, 290)).isEqualTo(100);
        assertThat(Arrays.copyOfRange(back, 10, 110)).isEqualTo(Arrays.copyOf(data, 100));
        assertThat(mm.copyInPartial(a - 1, back, 0, 10)).isZero();
        assertEfault(() -> mm.copyIn(a + 2 * P - 1, back, 0, 2));
        assertEfault(() -> mm.copyOut(a + 2 * P - 1, data, 0, 2));
        mm.copyIn(a + 2 * P, back, 0, 0);
    }

    @Test
    void accessNeedsTheRight() throws ErrnoException {
        long a = mapTwo();
        mm.mprotect(a + P, P, Mman.PROT_READ);
        assertThat(mm.copyOutPartial(a, bytes(2 * P, 0), 0, 2 * P)).isEqualTo(P);
        assertThat(mm.getByte(a + P)).isZero();
        mm.mprotect(a + P, P, Mman.PROT_NONE);
        assertEfault(() -> mm.getByte(a + P));
        assertEfault(() -> mm.putInt(a + P, 1));
        mm.mprotect(a + P, P, Mman.PROT_WRITE);
        assertThat(mm.getByte(a + P)).isZero();
    }

    @Test
    void wordsMayLieAcrossPieces() throws ErrnoException {
        long a = mapTwo();
        mm.mprotect(a + P, P, RW | Mman.PROT_EXEC);
        mm.putLong(a + P - 3, 0x1122334455667788L);
        assertThat(mm.getLong(a + P - 3)).isEqualTo(0x1122334455667788L);
        assertThat(mm.getInt(a + P - 3)).isEqualTo(0x55667788);
        mm.putInt(a + P - 1, 0x01020304);
        assertThat(mm.getByte(a + P - 1)).isEqualTo((byte) 4);
        assertThat(process.load(a + P + 2)).isEqualTo(1);
        mm.zero(a + P - 8, 16);
        assertThat(mm.getLong(a + P - 4)).isZero();
        assertEfault(() -> mm.getLong(a + 2 * P - 4));
        assertEfault(() -> mm.getLong(-8));
        assertEfault(() -> mm.zero(a, 3 * P));
    }

    @Test
    void stringsEndAtNulLimitOrFault() throws ErrnoException {
        long a = mapTwo();
        byte[] name = "/bin/ls\0".getBytes(StandardCharsets.ISO_8859_1);
        mm.copyOut(a + P - 3, name, 0, name.length);
        assertThat(mm.copyInString(a + P - 3, 4095)).isEqualTo(Arrays.copyOf(name, 7));
        assertThat(mm.copyInString(a + P - 3, 7)).hasSize(7);
        assertErrno(Errno.ENAMETOOLONG, () -> mm.copyInString(a + P - 3, 6));
        byte[] last = "abc".getBytes(StandardCharsets.ISO_8859_1);
        mm.copyOut(a + 2 * P - 3, last, 0, 3);
        assertEfault(() -> mm.copyInString(a + 2 * P - 3, 100));
        assertErrno(Errno.ENAMETOOLONG, () -> mm.copyInString(a + 2 * P - 3, 2));
        assertEfault(() -> mm.copyInString(0, 100));
    }

    @Test
    void stringInAHostFileIsRead() throws ErrnoException {
        FakeFile file = FakeFile.onHost(2, 0);
        byte[] text = "constant\0".getBytes(StandardCharsets.ISO_8859_1);
        file.write(P - 4, text, 0, text.length);
        long a = mm.mmap(0, 2 * P, Mman.PROT_READ, Mman.MAP_PRIVATE, file, 0);
        assertThat(mm.copyInString(a + P - 4, 100)).isEqualTo(Arrays.copyOf(text, 8));
        assertThat(mm.getInt(a + P - 4)).isEqualTo(0x736e6f63);
    }

    @Test
    void lastPageOfAHostFileReadsAsZeroBehindItsEnd() throws ErrnoException {
        FakeFile file = FakeFile.onHost(2, 1);
        file.truncate(P + 10);
        long a = mm.mmap(0, 3 * P, RW, Mman.MAP_SHARED, file, 0);
        byte[] bytes = new byte[3 * P];
        assertThat(mm.copyInPartial(a, bytes, 0, 3 * P)).isEqualTo(2 * P);
        assertThat(bytes[P + 9]).isEqualTo((byte) 2);
        assertThat(bytes[P + 10]).isZero();
        // What is written behind the end is lost, and the file does not grow.
        assertThat(mm.copyOutPartial(a + P, bytes(2 * P, 0), 0, 2 * P)).isEqualTo(P);
        assertThat(file.size()).isEqualTo(P + 10);
        assertThat(process.load(a + P + 9)).isEqualTo(9);
    }

    @Test
    void vectorChecksLikeReadv() throws ErrnoException {
        long a = mapTwo();
        long vector = a;
        mm.putLong(vector, a + 100);
        mm.putLong(vector + 8, 10);
        mm.putLong(vector + 16, a + 2 * P - 5);
        mm.putLong(vector + 24, 10);
        assertErrno(Errno.EINVAL, () -> mm.iterVector(vector, -1));
        assertErrno(Errno.EINVAL, () -> mm.iterVector(vector, 1025));
        assertEfault(() -> mm.iterVector(a + 2 * P - 8, 1));
        IovIter iter = mm.iterVector(vector, 2);
        assertThat(iter.remaining()).isEqualTo(20);
        assertThat(iter.copyTo(bytes(20, 1), 0, 20)).isEqualTo(15);
        assertThat(iter.remaining()).isEqualTo(5);
        assertEfault(() -> iter.copyTo(bytes(5, 1), 0, 5));
        assertThat(mm.getByte(a + 2 * P - 1)).isEqualTo((byte) 15);
        mm.putLong(vector + 24, -1);
        assertErrno(Errno.EINVAL, () -> mm.iterVector(vector, 2));
        mm.putLong(vector + 24, 10);
        mm.putLong(vector + 16, -4096);
        assertEfault(() -> mm.iterVector(vector, 2));
        assertEfault(() -> mm.iter(-1, 10));
        assertThat(mm.iter(0x10000, 1L << 40).remaining()).isEqualTo(0x7ffff000L);
        assertThat(mm.iterVector(0, 0).remaining()).isZero();
    }

    @Test
    void cursorMovesBothWaysOverSegments() throws ErrnoException {
        long a = mapTwo();
        long vector = a + P;
        for (int i = 0; i < 3; i++) {
            mm.putLong(vector + 16 * i, a + 10 * i);
            mm.putLong(vector + 16 * i + 8, i == 1 ? 0 : 4);
        }
        IovIter iter = mm.iterVector(vector, 3);
        iter.copyTo(bytes(6, 1), 0, 6);
        iter.revert(4);
        byte[] two = new byte[6];
        assertThat(iter.copyFrom(two, 0, 6)).isEqualTo(6);
        assertThat(two).containsExactly(3, 4, 5, 6, 0, 0);
        iter.revert(8);
        iter.advance(4);
        iter.truncate(1);
        assertThat(iter.zero(100)).isEqualTo(1);
        assertThat(iter.remaining()).isZero();
        assertThat(iter.copyTo(two, 0, 6)).isZero();
        assertThat(mm.getByte(a + 20)).isZero();
    }

    @Test
    void iteratorCopiesFromAndToTheMemoryFile() throws ErrnoException {
        long a = mapTwo();
        long own = pages.allocate(P);
        memory.put(own, bytes(100, 1), 0, 100);
        assertThat(mm.iter(a + P - 50, 100).copyToFromMemory(memory, own, 100)).isEqualTo(100);
        assertThat(mm.getByte(a + P + 49)).isEqualTo((byte) 100);
        assertThat(mm.iter(a + P, 20).copyFromToMemory(memory, own, 50)).isEqualTo(20);
        assertThat(memory.getByte(own)).isEqualTo((byte) 51);
        byte[] array = new byte[10];
        assertThat(IovIter.of(array, 0, 10).copyToFromMemory(memory, own, 20)).isEqualTo(10);
        assertThat(array[0]).isEqualTo((byte) 51);
    }

    @Test
    void spanStaysTheCallersUntilTheNextCall() throws ErrnoException {
        long a = mapTwo();
        IovIter iter = mm.iter(a + 100, 2 * P);
        long address = iter.spanAddress(1 << 20, true);
        assertThat(iter.spanLength()).isEqualTo(2 * P - 100);
        mm.munmap(a, 2 * P);
        process.host.commit();
        mm.brk(0); // a change settles what was dropped
        long free = memory.allocatedBytes();
        memory.putByte(address - memory.address(0), (byte) 1); // fails if the page was freed
        iter.advance(10);
        assertThat(memory.allocatedBytes()).isEqualTo(free - 2 * P);
    }

    @Test
    void forgottenSpanEndsWithTheNextIterator() throws ErrnoException {
        long a = mapTwo();
        mm.iter(a, P).spanAddress(P, false);
        mm.munmap(a, 2 * P);
        mm.release();
        assertThat(memory.allocatedBytes()).isZero();
    }

    @Test
    void spanOfAHostFileHasNoAddress() throws ErrnoException {
        FakeFile file = FakeFile.onHost(1, 0);
        long a = mm.mmap(0, P, Mman.PROT_READ, Mman.MAP_PRIVATE, file, 0);
        assertThat(mm.iter(a, P).spanAddress(P, false)).isZero();
        assertEfault(() -> mm.iter(a, P).spanAddress(P, true));
        assertEfault(() -> mm.iter(0, P).spanAddress(P, true));
    }

    @Test
    void copyOutBreaksCopyOnWriteAndShowsIt() throws ErrnoException {
        long a = mapTwo();
        process.store(a, 5);
        FakeProcess child = process.fork();
        child.mm.putByte(a, (byte) 9);
        assertThat(child.load(a)).isEqualTo(9);
        assertThat(process.load(a)).isEqualTo(5);
        assertThat(child.faults).isZero();
    }

    @Test
    void copyOutOfOneThreadIsSeenByAnotherThatStaysInTheGuest() throws ErrnoException {
        long a = mapTwo();
        mm.retain(); // a second thread
        FakeProcess child = process.fork();
        mm.putByte(a, (byte) 9);
        // No entry into the guest happens here: the host has to show it already.
        assertThat(process.host.hasPending()).isFalse();
        assertThat(process.load(a)).isEqualTo(9);
        assertThat(child.load(a)).isZero();
    }

    @Test
    void futexWords() throws ErrnoException {
        long a = mapTwo();
        assertThat(mm.compareAndExchangeInt(a, 0, 7)).isZero();
        assertThat(mm.compareAndExchangeInt(a, 0, 8)).isEqualTo(7);
        assertThat(mm.loadInt(a)).isEqualTo(7);
        assertErrno(Errno.EINVAL, () -> mm.loadInt(a + 1));
        assertEfault(() -> mm.loadInt(a + 2 * P));
        mm.mprotect(a, P, Mman.PROT_READ);
        assertEfault(() -> mm.compareAndExchangeInt(a, 7, 8));
        assertThat(mm.futexKey(a, true)).isEqualTo(mm.futexKey(a, false));
        assertEfault(() -> mm.futexKey(a + 2 * P, false));
    }

    @Test
    void futexKeyOfSharedMemoryIsThatOfTheObject() throws ErrnoException {
        int shared = Mman.MAP_SHARED | Mman.MAP_ANONYMOUS;
        long a = mm.mmap(0, 2 * P, RW, shared, null, 0);
        FakeProcess child = process.fork();
        long b = child.mm.mremap(a, 2 * P, 4 * P, Mman.MREMAP_MAYMOVE, 0);
        assertThat(child.mm.futexKey(b + P + 4, false)).isEqualTo(mm.futexKey(a + P + 4, false));
        assertThat(child.mm.futexKey(b, true)).isNotEqualTo(mm.futexKey(a, true));
    }
}
