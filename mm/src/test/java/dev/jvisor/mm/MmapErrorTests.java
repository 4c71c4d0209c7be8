// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.testing.FakeFile;
import dev.jvisor.mm.testing.FakeMemoryFile;
import dev.jvisor.mm.testing.FakeProcess;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Errors of the memory calls; each expectation was taken from a C program on Linux 6.18. */
final class MmapErrorTests {

    private static final long P = 4096;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int ANONYMOUS = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
    private static final int FIXED = ANONYMOUS | Mman.MAP_FIXED;
    private static final int READ_EXEC = Mman.PROT_READ | Mman.PROT_EXEC;

    private final PageAllocator pages = new PageAllocator(new FakeMemoryFile());
    private final MemoryManager mm = FakeProcess.create(pages).mm;
    private final FakeFile file = FakeFile.onHost(4, 0);

    /** 64 reserved pages; 16 in the middle are writable, with a hole at the fifth. */
    private long b;

    private long a;
    private long shared;

    @BeforeEach
    void mapSome() throws ErrnoException {
        b = mm.mmap(0, 64 * P, Mman.PROT_NONE, ANONYMOUS, null, 0);
        a = mm.mmap(b + 16 * P, 16 * P, RW, FIXED, null, 0);
        mm.munmap(a + 4 * P, P);
        shared = mm.mmap(0, 8 * P, RW, Mman.MAP_SHARED | Mman.MAP_ANONYMOUS, null, 0);
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    private static String result(Call call) {
        try {
            call.run();
            return "ok";
        } catch (ErrnoException e) {
            return e.errno.name();
        }
    }

    private String mmap(long address, long length, int flags) {
        return result(() -> mm.mmap(address, length, RW, flags, null, 0));
    }

    private String mmapFile(int protection, int flags, long offset, int maxProtection) {
        return result(() -> mm.mmap(0, P, protection, flags, file, offset, maxProtection));
    }

    private String mprotect(long address, long length, int protection) {
        return result(() -> mm.mprotect(address, length, protection));
    }

    private String munmap(long address, long length) {
        return result(() -> mm.munmap(address, length));
    }

    private String mremap(long old, long oldLength, long newLength, int flags, long target) {
        return result(() -> mm.mremap(old, oldLength, newLength, flags, target));
    }

    private String madvise(long address, long length, int advice) {
        return result(() -> mm.madvise(address, length, advice));
    }

    private String msync(long address, long length, int flags) {
        return result(() -> mm.msync(address, length, flags));
    }

    private String mincore(long address, long length) {
        return result(() -> mm.mincore(address, length, new byte[16]));
    }

    @Test
    void mmapOfAnonymousMemory() {
        assertThat(mmap(0, 0, ANONYMOUS)).isEqualTo("EINVAL");
        assertThat(mmap(0, -1, ANONYMOUS)).isEqualTo("ENOMEM");
        assertThat(mmap(0, 1L << 47, ANONYMOUS)).isEqualTo("ENOMEM");
        assertThat(mmap(0, P, Mman.MAP_ANONYMOUS)).isEqualTo("EINVAL");
        assertThat(mmap(0, P, Mman.MAP_SHARED_VALIDATE | Mman.MAP_ANONYMOUS)).isEqualTo("EINVAL");
        assertThat(mmap(0, 2 * P, 8 | Mman.MAP_ANONYMOUS)).isEqualTo("ok");
        assertThat(mmap(0, P, Mman.MAP_SHARED | Mman.MAP_ANONYMOUS | Mman.MAP_GROWSDOWN))
                .isEqualTo("EINVAL");
        assertThat(result(() -> mm.mmap(0, P, RW, ANONYMOUS, null, 1))).isEqualTo("EINVAL");
        assertThat(mmap(a + 1, P, FIXED)).isEqualTo("EINVAL");
        assertThat(mmap(-P, P, FIXED)).isEqualTo("ENOMEM");
        assertThat(mmap(a, P, ANONYMOUS | Mman.MAP_FIXED_NOREPLACE)).isEqualTo("EEXIST");
        assertThat(mmap(a + 4 * P, P, ANONYMOUS | Mman.MAP_FIXED_NOREPLACE)).isEqualTo("ok");
        assertThat(mmap(0, 2 << 20, ANONYMOUS | Mman.MAP_HUGETLB)).isEqualTo("ENOMEM");
        assertThat(mmap(123, P, ANONYMOUS)).isEqualTo("ok");
        assertThat(mmap(0, 1L << 45, ANONYMOUS)).isEqualTo("ENOMEM");
        assertThat(mmap(0, 1L << 45, ANONYMOUS | Mman.MAP_NORESERVE)).isEqualTo("ok");
    }

    @Test
    void mmapOfFiles() {
        int shared = Mman.MAP_SHARED;
        int privately = Mman.MAP_PRIVATE;
        int read = Mman.PROT_READ;
        assertThat(mmapFile(RW, shared, 0, READ_EXEC)).isEqualTo("EACCES");
        assertThat(mmapFile(RW, privately, 0, READ_EXEC)).isEqualTo("ok");
        assertThat(mmapFile(read, shared, 0, Mman.PROT_WRITE)).isEqualTo("EACCES");
        assertThat(mmapFile(read, privately, 0, Mman.PROT_WRITE)).isEqualTo("EACCES");
        assertThat(mmapFile(READ_EXEC, privately, 0, read)).isEqualTo("EPERM");
        assertThat(mmapFile(read, privately | Mman.MAP_GROWSDOWN, 0, RW)).isEqualTo("EINVAL");
        assertThat(mmapFile(read, 0, 0, RW)).isEqualTo("EINVAL");
        assertThat(mmapFile(read, 4, 0, RW)).isEqualTo("EINVAL");
        int validate = Mman.MAP_SHARED_VALIDATE;
        assertThat(mmapFile(read, validate | Mman.MAP_SYNC, 0, RW)).isEqualTo("EOPNOTSUPP");
        assertThat(mmapFile(read, validate | 1 << 27, 0, RW)).isEqualTo("ok");
        assertThat(mmapFile(read, privately, 0x7fff_ffff_ffff_f000L, RW)).isEqualTo("EOVERFLOW");
        assertThat(mmapFile(read, privately, -P, RW)).isEqualTo("EOVERFLOW");
        assertThat(mmapFile(read, privately | Mman.MAP_HUGETLB, 0, RW)).isEqualTo("EINVAL");
    }

    @Test
    void mprotectOfFileObeysHowItWasOpened() throws ErrnoException {
        long f = mm.mmap(0, 2 * P, Mman.PROT_READ, Mman.MAP_SHARED, file, 0, READ_EXEC);
        long p = mm.mmap(0, 2 * P, Mman.PROT_READ, Mman.MAP_PRIVATE, file, 0, READ_EXEC);
        assertThat(mprotect(f, P, RW)).isEqualTo("EACCES");
        assertThat(mprotect(p, P, RW)).isEqualTo("ok");
    }

    @Test
    void mprotectErrors() {
        assertThat(mprotect(a + 1, P, 0)).isEqualTo("EINVAL");
        assertThat(mprotect(a, 0, 0)).isEqualTo("ok");
        assertThat(mprotect(a, -1, 0)).isEqualTo("ENOMEM");
        assertThat(mprotect(a, P, 0x100)).isEqualTo("EINVAL");
        assertThat(mprotect(a, P, 16)).isEqualTo("EINVAL");
        assertThat(mprotect(a, P, Mman.PROT_SEM)).isEqualTo("ok");
        assertThat(mprotect(a, P, Mman.PROT_GROWSDOWN | Mman.PROT_GROWSUP)).isEqualTo("EINVAL");
        assertThat(mprotect(a, P, Mman.PROT_GROWSDOWN)).isEqualTo("EINVAL");
        assertThat(mprotect(a, P, Mman.PROT_GROWSUP)).isEqualTo("EINVAL");
        assertThat(mprotect(a + 3 * P, 4 * P, Mman.PROT_READ)).isEqualTo("ENOMEM");
        assertThat(result(() -> mm.putByte(a + 3 * P, (byte) 1))).isEqualTo("EFAULT");
    }

    @Test
    void munmapErrors() {
        assertThat(munmap(a + 1, P)).isEqualTo("EINVAL");
        assertThat(munmap(a, 0)).isEqualTo("EINVAL");
        assertThat(munmap(-P, P)).isEqualTo("EINVAL");
        assertThat(munmap(0, P)).isEqualTo("ok");
        assertThat(munmap(a, -1)).isEqualTo("EINVAL");
        assertThat(munmap(0x7fff_ffff_e000L, P)).isEqualTo("ok");
        assertThat(munmap(0x7fff_ffff_e000L, 2 * P)).isEqualTo("EINVAL");
        assertThat(munmap(0x7fff_ffff_0000L, 16 * P)).isEqualTo("EINVAL");
    }

    @Test
    void mremapErrors() {
        int move = Mman.MREMAP_MAYMOVE;
        int fixed = move | Mman.MREMAP_FIXED;
        assertThat(mremap(a + 1, P, P, 0, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, 0, 0, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, 0, P, 0, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, 0, P, move, 0)).isEqualTo("EINVAL");
        assertThat(mremap(shared, 0, P, 0, 0)).isEqualTo("ENOMEM");
        assertThat(mremap(shared, 0, 2 * P, move, 0)).isEqualTo("ok");
        assertThat(mremap(a, P, P, 8, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, P, Mman.MREMAP_FIXED, b)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, 2 * P, move | Mman.MREMAP_DONTUNMAP, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, P, Mman.MREMAP_DONTUNMAP, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, -1, P, 0, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, -P, P, 0, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a + 4 * P, P, 2 * P, move, 0)).isEqualTo("EFAULT");
        assertThat(mremap(a + 3 * P, 2 * P, 8 * P, move, 0)).isEqualTo("EFAULT");
        assertThat(mremap(a + 3 * P, 3 * P, 3 * P, 0, 0)).isEqualTo("ok");
        assertThat(mremap(a + 6 * P, 14 * P, 14 * P, fixed, b)).isEqualTo("ok");
        assertThat(mremap(a + 6 * P, P, P, fixed, b)).isEqualTo("EFAULT");
        assertThat(mremap(a, P, 2 * P, 0, 0)).isEqualTo("ENOMEM");
        assertThat(mremap(a, P, -1, move, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, -2 * P, move, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, 1L << 47, move, 0)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, 1L << 46, move, 0)).isEqualTo("ENOMEM");
        assertThat(mremap(a, P, P, fixed, a + 1)).isEqualTo("EINVAL");
        assertThat(mremap(a, 2 * P, 2 * P, fixed, a + P)).isEqualTo("EINVAL");
        assertThat(mremap(a, P, P, fixed, -P)).isEqualTo("EINVAL");
        assertThat(mremap(0x10000, P, P, 0, 0)).isEqualTo("EFAULT");
        // Only what is kept has to be one mapping.
        assertThat(mremap(a + 3 * P, 2 * P, P, fixed, b)).isEqualTo("ok");
    }

    @Test
    void madviseErrors() throws ErrnoException {
        long f = mm.mmap(0, 2 * P, Mman.PROT_READ, Mman.MAP_SHARED, file, 0);
        assertThat(madvise(a + 1, P, 0)).isEqualTo("EINVAL");
        assertThat(madvise(a, 0, 99)).isEqualTo("EINVAL");
        assertThat(madvise(a, 0, 0)).isEqualTo("ok");
        assertThat(madvise(a, -1, 0)).isEqualTo("EINVAL");
        assertThat(madvise(a, -P, 0)).isEqualTo("EINVAL");
        assertThat(madvise(a, 16 * P, Mman.MADV_DONTNEED)).isEqualTo("ENOMEM");
        assertThat(madvise(a, 16 * P, Mman.MADV_WILLNEED)).isEqualTo("ENOMEM");
        assertThat(madvise(a, P, Mman.MADV_REMOVE)).isEqualTo("EINVAL");
        long readOnly = mm.mmap(0, P, Mman.PROT_READ, Mman.MAP_SHARED, file, 0, Mman.PROT_READ);
        assertThat(madvise(readOnly, P, Mman.MADV_REMOVE)).isEqualTo("EACCES");
        assertThat(madvise(shared, P, Mman.MADV_REMOVE)).isEqualTo("ok");
        assertThat(madvise(f, P, Mman.MADV_FREE)).isEqualTo("EINVAL");
        assertThat(madvise(shared, P, Mman.MADV_WIPEONFORK)).isEqualTo("EINVAL");
        assertThat(madvise(a, P, Mman.MADV_WIPEONFORK)).isEqualTo("ok");
        assertThat(madvise(f, P, Mman.MADV_POPULATE_WRITE)).isEqualTo("EINVAL");
        assertThat(madvise(b, P, Mman.MADV_POPULATE_READ)).isEqualTo("EINVAL");
        assertThat(madvise(a, P, Mman.MADV_HWPOISON)).isEqualTo("EINVAL");
    }

    @Test
    void lockedMemoryIsNotDiscarded() throws ErrnoException {
        long locked = mm.mmap(0, P, RW, ANONYMOUS | Mman.MAP_LOCKED, null, 0);
        assertThat(madvise(locked, P, Mman.MADV_DONTNEED)).isEqualTo("EINVAL");
        assertThat(madvise(locked, P, Mman.MADV_FREE)).isEqualTo("EINVAL");
        assertThat(msync(locked, P, Mman.MS_INVALIDATE)).isEqualTo("EBUSY");
    }

    @Test
    void msyncAndMincoreErrors() {
        assertThat(msync(a, P, 0)).isEqualTo("ok");
        assertThat(msync(a + 1, P, 0)).isEqualTo("EINVAL");
        assertThat(msync(a, P, Mman.MS_ASYNC | Mman.MS_SYNC)).isEqualTo("EINVAL");
        assertThat(msync(a, P, 8)).isEqualTo("EINVAL");
        assertThat(msync(a, 16 * P, Mman.MS_SYNC)).isEqualTo("ENOMEM");
        assertThat(msync(a, -1, Mman.MS_SYNC)).isEqualTo("ok");
        assertThat(msync(0x10000, P, Mman.MS_SYNC)).isEqualTo("ENOMEM");
        assertThat(msync(0x10000, 0, Mman.MS_SYNC)).isEqualTo("ok");
        assertThat(msync(-P, P, Mman.MS_SYNC)).isEqualTo("ENOMEM");
        assertThat(mincore(a + 1, P)).isEqualTo("EINVAL");
        assertThat(mincore(a, 16 * P)).isEqualTo("ENOMEM");
        assertThat(mincore(-P, P)).isEqualTo("ENOMEM");
        assertThat(mincore(a, 0)).isEqualTo("ok");
        assertThat(mincore(0x10000, P)).isEqualTo("ENOMEM");
        assertThat(mincore(a, -1)).isEqualTo("ENOMEM");
    }
}
