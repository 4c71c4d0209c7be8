// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.SharedFile;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;

/**
 * What patched call sites jump through: a memfd with a chunk for each stub process that has such
 * sites, writable here, read-only there.
 *
 * <p>A site becomes {@code jmp [TABLE + 8 * n]}, 7 bytes with an absolute address; entry n of the
 * table has the address of entry n of the code, which tells the common code in {@link StubCode} who
 * called. A jump into the middle of the patched bytes, where the syscall instruction was, finds two
 * bytes of the table's address: an undefined instruction.
 *
 * <pre>
 *   chunk:   table    {@link #SITES_MAX} words       mapped at TABLE
 *            code     {@link #SITES_MAX} entries     mapped at StubCode.SITES
 * </pre>
 */
final class SiteFile {

    /** Where a stub has its table; below what guests can map. Its bytes: xx xx 06 00. */
    static final long TABLE = 0x60000;

    /** Each may split a mapping, of which the host limits the number. */
    static final int SITES_MAX = 80;

    static final int TABLE_SIZE = StubCode.PAGE;
    static final int ENTRY_SIZE = 64;
    static final int CODE_SIZE = 2 * StubCode.PAGE;

    /** Offsets in the data of an entry: the address behind the call, where to go on afterwards. */
    static final int RETURN_OFFSET = 0;

    static final int RESUME_OFFSET = 8;

    /** Offset in an entry: what replaces the comparison behind the call. */
    static final int COMPARE_OFFSET = 40;

    static final int DATA_OFFSET = 24;
    private static final int CHUNK_SIZE = 0x8000;
    private static final int CHUNKS_COUNT = 4096;

    private static final int PUNCH_HOLE_KEEP_SIZE = 3;

    final int fd;
    private final long base;
    private final StubCode stub;

    private final BitSet used = new BitSet(); // guarded by this

    private SiteFile(int fd, long base, StubCode stub) {
        this.fd = fd;
        this.base = base;
        this.stub = stub;
    }

    /**
     * Creates it.
     *
     * @param stub has the common code
     */
    static SiteFile create(StubCode stub) throws ErrnoException {
        SharedFile file = SharedFile.create("jvisor-sites", (long) CHUNKS_COUNT * CHUNK_SIZE, true);
        return new SiteFile(file.fd(), file.address(), stub);
    }

    /** Takes a chunk, all zero; -1 if there is none. */
    synchronized long allocate() {
        int chunk = used.nextClearBit(0);
        if (chunk >= CHUNKS_COUNT) {
            return -1;
        }
        used.set(chunk);
        return (long) chunk * CHUNK_SIZE;
    }

    void free(long chunk) {
        Host.syscall(Sys.FALLOCATE, fd, PUNCH_HOLE_KEEP_SIZE, chunk, CHUNK_SIZE, 0, 0);
        synchronized (this) {
            used.clear((int) (chunk / CHUNK_SIZE));
        }
    }

    /** Copies the first {@code count} sites of a chunk to another one. */
    void copy(long from, long to, int count) {
        RawMemory.copy(base + from, base + to, count * 8L);
        RawMemory.copy(base + from + TABLE_SIZE, base + to + TABLE_SIZE, (long) count * ENTRY_SIZE);
    }

    /**
     * Writes an entry.
     *
     * @param number the call's number, or -1 if it is in rax already
     * @param back the address behind the call
     * @param comparison 6 bytes that follow the call and are replaced with it, or null
     */
    void put(long chunk, int index, int number, long back, byte @Nullable [] comparison) {
        long code = StubCode.SITES + (long) index * ENTRY_SIZE;
        Assembler a = new Assembler();
        if (number >= 0) {
            a.db(0xb8).dd(number); // mov eax, number
        }
        a.db(0x4c).db(0x8d).db(0x1d).dd(DATA_OFFSET - a.position() - 4); // lea r11, [rip + data]
        a.db(0xe9).dd((int) (commonCode(number) - (code + a.position() + 4)));
        while (a.position() < DATA_OFFSET) {
            a.int3();
        }
        a.dq(back);
        a.dq(comparison == null ? back : code + COMPARE_OFFSET);
        if (comparison != null) {
            a.bytes(comparison).db(0xff).db(0x25).dd(0).dq(back + comparison.length);
        }
        byte[] bytes = a.toBytes();
        RawMemory.put(
                base + chunk + TABLE_SIZE + (long) index * ENTRY_SIZE, bytes, 0, bytes.length);
        RawMemory.putLong(base + chunk + index * 8L, code);
    }

    private long commonCode(int number) {
        return switch (number) {
            case Sys.GETPID -> stub.processId;
            case Sys.GETTID -> stub.threadId;
            default -> stub.call;
        };
    }

    void close() {
        Host.syscall(Sys.MUNMAP, base, (long) CHUNKS_COUNT * CHUNK_SIZE, 0);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
    }
}
