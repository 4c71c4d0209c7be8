// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import static dev.jvisor.platform.abi.Mman.MAP_GROWSDOWN;
import static dev.jvisor.platform.abi.Mman.MAP_SHARED;
import static dev.jvisor.platform.abi.Mman.MAP_TYPE;
import static dev.jvisor.platform.abi.Mman.PROT_EXEC;
import static dev.jvisor.platform.abi.Mman.PROT_READ;
import static dev.jvisor.platform.abi.Mman.PROT_WRITE;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;

import org.jspecify.annotations.Nullable;

/** The texts about a process's memory (Linux: fs/proc/task_mmu.c, and base.c for arguments). */
final class MemoryText {

    private static final int NAME_COLUMN = 72;
    private static final int SMAPS_WIDTH = 8;
    private static final int PAGE_SHIFT = 12;

    /**
     * Arguments and environment are copied up to this many bytes (Linux: no limit but theirs, 6
     * MB).
     */
    private static final long STRINGS_BYTES_MAX = 6L << 20;

    /** Linux: {@code VSYSCALL_ADDR}. */
    private static final long VSYSCALL_START = -10L << 20;

    /** How far a title that overwrote its arguments may reach into the environment. */
    private static final int TITLE_BYTES_MAX = 4096;

    private MemoryText() {}

    /** Sums over all mappings, in bytes (Linux: mm->total_vm and its parts). */
    static final class Sums implements MemoryManager.VmaVisitor {
        long data;
        long stack;
        long exec;
        long fileBacked;
        long shared;

        @Override
        public void visit(
                long start,
                long end,
                int protection,
                int flags,
                long offset,
                @Nullable Mappable file,
                @Nullable String name) {
            long length = end - start;
            boolean isShared = (flags & MAP_TYPE) == MAP_SHARED;
            boolean writable = (protection & PROT_WRITE) != 0;
            if (file != null) {
                fileBacked += length;
            }
            if (isShared) {
                shared += length;
            }
            if ((flags & MAP_GROWSDOWN) != 0) {
                stack += length;
            } else if (writable && !isShared) {
                data += length;
            } else if ((protection & PROT_EXEC) != 0 && !writable) {
                exec += length;
            }
        }
    }

    static Sums sums(MemoryManager memory) {
        Sums sums = new Sums();
        memory.forEachVma(sums);
        return sums;
    }

    static void maps(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory != null && memory.mappedBytes() > 0) {
            memory.forEachVma((start, end, protection, flags, offset, file, name) ->
                    line(out, start, end, protection, flags, offset, file, name));
            vsyscall(out);
        }
    }

    /** The page behind all address spaces, which can be executed and not read. */
    private static void vsyscall(TextBuffer out) {
        long end = VSYSCALL_START + (1L << PAGE_SHIFT);
        line(out, VSYSCALL_START, end, PROT_EXEC, 0, 0, null, "[vsyscall]");
    }

    private static void line(
            TextBuffer out,
            long start,
            long end,
            int protection,
            int flags,
            long offset,
            @Nullable Mappable file,
            @Nullable String name) {
        int lineStart = out.length();
        out.addHex(start, 8).add('-').addHex(end, 8).add(' ');
        out.add((protection & PROT_READ) != 0 ? 'r' : '-');
        out.add((protection & PROT_WRITE) != 0 ? 'w' : '-');
        out.add((protection & PROT_EXEC) != 0 ? 'x' : '-');
        out.add((flags & MAP_TYPE) == MAP_SHARED ? 's' : 'p');
        long device = file == null ? 0 : file.deviceId();
        out.add(' ').addHex(offset, 8).add(' ');
        out.addHex(DeviceNumber.major(device), 2).add(':');
        out.addHex(DeviceNumber.minor(device), 2).add(' ');
        out.addUnsigned(file == null ? 0 : file.inodeId()).add(' ');
        if (name != null) {
            out.padTo(lineStart, NAME_COLUMN).add(' ').addEscaped(name, "\n");
        }
        out.add('\n');
    }

    static void smaps(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory == null || memory.mappedBytes() == 0) {
            return;
        }
        memory.forEachVma((start, end, protection, flags, offset, file, name) -> {
            line(out, start, end, protection, flags, offset, file, name);
            details(out, end - start, memory.usageOf(start));
        });
        vsyscall(out);
        MemoryManager.VmaUsage none = new MemoryManager.VmaUsage();
        none.flags = "ex ";
        details(out, 1L << PAGE_SHIFT, none);
    }

    private static void details(TextBuffer out, long size, MemoryManager.VmaUsage usage) {
        row(out, "Size", size);
        row(out, "KernelPageSize", 1L << PAGE_SHIFT);
        row(out, "MMUPageSize", 1L << PAGE_SHIFT);
        usage(out, usage, false);
        out.add("THPeligible:           0\nVmFlags: ").add(usage.flags).add('\n');
    }

    private static void usage(TextBuffer out, MemoryManager.VmaUsage usage, boolean rollup) {
        long dirty = usage.sharedDirty + usage.privateDirty;
        row(out, "Rss", usage.resident);
        row(out, "Pss", usage.proportional);
        row(out, "Pss_Dirty", Math.min(usage.proportional, dirty));
        if (rollup) {
            row(out, "Pss_Anon", Math.min(usage.proportional, usage.anonymous));
            row(out, "Pss_File", Math.max(0, usage.proportional - usage.anonymous));
            row(out, "Pss_Shmem", 0);
        }
        row(out, "Shared_Clean", usage.sharedClean);
        row(out, "Shared_Dirty", usage.sharedDirty);
        row(out, "Private_Clean", usage.privateClean);
        row(out, "Private_Dirty", usage.privateDirty);
        row(out, "Referenced", usage.resident);
        row(out, "Anonymous", usage.anonymous);
        row(out, "KSM", 0);
        row(out, "LazyFree", 0);
        row(out, "AnonHugePages", 0);
        row(out, "ShmemPmdMapped", 0);
        row(out, "FilePmdMapped", 0);
        row(out, "Shared_Hugetlb", 0);
        row(out, "Private_Hugetlb", 0);
        row(out, "Swap", 0);
        row(out, "SwapPss", 0);
        row(out, "Locked", usage.locked);
    }

    private static void row(TextBuffer out, String key, long bytes) {
        int start = out.length();
        out.add(key).add(':').padTo(start, 16);
        out.add(bytes >> 10, SMAPS_WIDTH).add(" kB\n");
    }

    static void smapsRollup(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory == null) {
            return;
        }
        long[] range = {-1, 0};
        MemoryManager.VmaUsage sum = new MemoryManager.VmaUsage();
        memory.forEachVma((start, end, protection, flags, offset, file, name) -> {
            range[0] = range[0] < 0 ? start : range[0];
            range[1] = end;
            sum.add(memory.usageOf(start));
        });
        if (range[0] < 0) {
            return;
        }
        int lineStart = out.length();
        out.addHex(range[0], 8).add('-').addHex(range[1], 8).add(" ---p 00000000 00:00 0 ");
        out.padTo(lineStart, NAME_COLUMN).add(" [rollup]\n");
        usage(out, sum, true);
    }

    /** All memory is on one node. // fs/proc/task_mmu.c: show_numa_map */
    static void numaMaps(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory == null || memory.mappedBytes() == 0) {
            return;
        }
        memory.forEachVma((start, end, protection, flags, offset, file, name) -> {
            MemoryManager.VmaUsage usage = memory.usageOf(start);
            out.addHex(start, 8).add(" default");
            if (file != null) {
                out.add(" file=").addEscaped(file.mappingName(), "\n\t= ");
            } else if (name != null && (name.equals("[heap]") || name.equals("[stack]"))) {
                out.add(' ').add(name.substring(1, name.length() - 1));
            }
            long pages = usage.resident >> PAGE_SHIFT;
            if (pages > 0) {
                pages(out, " anon=", usage.anonymous);
                pages(out, " dirty=", usage.sharedDirty + usage.privateDirty);
                if (usage.anonymous < usage.resident) {
                    out.add(" mapped=").add(pages);
                }
                out.add(" N0=").add(pages).add(" kernelpagesize_kB=4");
            }
            out.add('\n');
        });
    }

    private static void pages(TextBuffer out, String key, long bytes) {
        if (bytes > 0) {
            out.add(key).add(bytes >> PAGE_SHIFT);
        }
    }

    static void statm(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory == null) {
            out.add("0 0 0 0 0 0 0\n");
            return;
        }
        Sums sums = sums(memory);
        MemoryManager.Layout layout = memory.layout();
        MemoryManager.Resident resident = new MemoryManager.Resident();
        memory.resident(resident);
        out.add(memory.mappedBytes() >> PAGE_SHIFT).add(' ');
        out.add(resident.total() >> PAGE_SHIFT).add(' ');
        out.add((resident.file + resident.shared) >> PAGE_SHIFT).add(' ');
        out.add(pages(layout.startCode, layout.endCode)).add(" 0 ");
        out.add((sums.data + sums.stack) >> PAGE_SHIFT).add(" 0\n");
    }

    /** Pages that a range touches. */
    static long pages(long start, long end) {
        long first = start >>> PAGE_SHIFT;
        long last = (end + (1L << PAGE_SHIFT) - 1) >>> PAGE_SHIFT;
        return last - first;
    }

    static void environ(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory != null) {
            MemoryManager.Layout layout = memory.layout();
            copy(memory, layout.envStart, layout.envEnd, out);
        }
    }

    static void auxv(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory != null) {
            byte[] auxv = memory.layout().auxv;
            out.add(auxv, 0, auxv.length);
        }
    }

    /** The arguments, or the title that a program wrote over them (setproctitle). */
    static void cmdline(@Nullable MemoryManager memory, TextBuffer out) {
        if (memory == null) {
            return;
        }
        MemoryManager.Layout layout = memory.layout();
        long start = layout.argStart;
        long end = layout.argEnd;
        byte[] last = new byte[1];
        if (end <= start) {
            return;
        }
        if (memory.copyInPartial(end - 1, last, 0, 1) == 1
                && last[0] != 0
                && layout.envStart == end) {
            byte[] title = new byte[TITLE_BYTES_MAX];
            int wanted = (int) Math.min(TITLE_BYTES_MAX, layout.envEnd - start);
            int n = memory.copyInPartial(start, title, 0, Math.max(0, wanted));
            int length = 0;
            while (length < n && title[length] != 0) {
                length++;
            }
            out.add(title, 0, Math.min(n, length + 1));
            return;
        }
        copy(memory, start, end, out);
    }

    private static void copy(MemoryManager memory, long start, long end, TextBuffer out) {
        long length = end - start;
        if (start == 0 || length <= 0) {
            return;
        }
        byte[] data = new byte[(int) Math.min(length, STRINGS_BYTES_MAX)];
        int n = memory.copyInPartial(start, data, 0, data.length);
        out.add(data, 0, n);
    }
}
