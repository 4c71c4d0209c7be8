// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static dev.jvisor.platform.abi.Elf.PF_R;
import static dev.jvisor.platform.abi.Elf.PF_W;
import static dev.jvisor.platform.abi.Elf.PF_X;
import static dev.jvisor.platform.abi.Mman.MAP_ANONYMOUS;
import static dev.jvisor.platform.abi.Mman.MAP_FIXED;
import static dev.jvisor.platform.abi.Mman.MAP_FIXED_NOREPLACE;
import static dev.jvisor.platform.abi.Mman.MAP_PRIVATE;
import static dev.jvisor.platform.abi.Mman.PROT_EXEC;
import static dev.jvisor.platform.abi.Mman.PROT_READ;
import static dev.jvisor.platform.abi.Mman.PROT_WRITE;

import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.ErrnoException;

/** Maps a checked image into a process (Linux: elf_load and its callers in fs/binfmt_elf.c). */
final class ElfMapper {

    private static final long PAGE_SIZE = 4096;
    private static final long PAGE_MASK = PAGE_SIZE - 1;

    private final MemoryManager memory;
    private final ElfImage image;
    private final Mappable file;

    /** What is added to the image's addresses. */
    private long bias;

    ElfMapper(MemoryManager memory, ElfImage image, Mappable file) {
        this.memory = memory;
        this.image = image;
        this.file = file;
    }

    long bias() {
        return bias;
    }

    /**
     * Maps all segments.
     *
     * @param base where a relocatable image starts; 0 lets the memory manager choose
     */
    void map(long base) throws ErrnoException {
        if (image.isRelocatable) {
            long start = base == 0
                    ? memory.findFree(image.end - image.start, image.alignment)
                    : (base & -image.alignment);
            bias = start - image.start;
        }
        boolean first = true;
        for (ElfImage.Segment segment : image.segments) {
            mapSegment(segment, first ? MAP_FIXED_NOREPLACE : MAP_FIXED);
            first = false;
        }
    }

    private void mapSegment(ElfImage.Segment segment, int fixed) throws ErrnoException {
        int protection = protection(segment.flags());
        long start = segment.address() + bias;
        long fileEnd = segment.fileEnd() + bias;
        long end = segment.end() + bias;
        long pageStart = start & ~PAGE_MASK;
        long zeroStart = pageStart;
        if (segment.fileSize() > 0) {
            long length = (fileEnd - pageStart + PAGE_MASK) & ~PAGE_MASK;
            long offset = segment.fileOffset() - (start & PAGE_MASK);
            memory.mmap(pageStart, length, protection, MAP_PRIVATE | fixed, file, offset);
            zeroStart = pageStart + length;
            if (end > fileEnd && (protection & PROT_WRITE) != 0 && zeroStart > fileEnd) {
                memory.zero(fileEnd, zeroStart - fileEnd);
            }
        }
        long pageEnd = (end + PAGE_MASK) & ~PAGE_MASK;
        if (segment.memorySize() > segment.fileSize() && pageEnd > zeroStart) {
            memory.mmap(
                    zeroStart,
                    pageEnd - zeroStart,
                    protection | PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | fixed,
                    null,
                    0);
        }
    }

    static int protection(int flags) {
        return ((flags & PF_R) != 0 ? PROT_READ : 0)
                | ((flags & PF_W) != 0 ? PROT_WRITE : 0)
                | ((flags & PF_X) != 0 ? PROT_EXEC : 0);
    }
}
