// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FilesystemType;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/** A text about the whole system. */
final class SystemFile extends TextFile {

    static final int WRITE_ONLY = StatMode.S_IFREG | 0200;

    /** Kernel-internal types, which no registry has. */
    private static final String[] INTERNAL_TYPES = {"sockfs", "pipefs"};

    private final ProcFilesystem filesystem;
    private final String name;

    SystemFile(ProcFilesystem filesystem, String name, long number, int mode) {
        super(filesystem, number, mode);
        this.filesystem = filesystem;
        this.name = name;
    }

    @Override
    protected void generate(CallContext context, @Nullable Object subject, TextBuffer out) {
        SystemText text = new SystemText(filesystem.kernel(), filesystem.machine());
        switch (name) {
            case "filesystems" -> filesystems(context, out);
            case "cpuinfo" -> CpuText.cpuinfo(filesystem.machine(), out);
            default -> text.write(name, out);
        }
    }

    private static void filesystems(CallContext context, TextBuffer out) {
        for (FilesystemType type : context.fs().mounts().types()) {
            out.add(type.noDevice() ? "nodev\t" : "\t").add(type.name()).add('\n');
        }
        for (String type : INTERNAL_TYPES) {
            out.add("nodev\t").add(type).add('\n');
        }
    }

    /** sysrq-trigger takes everything and does nothing. */
    @Override
    protected void store(CallContext context, byte[] data, int length, long offset)
            throws dev.jvisor.platform.abi.ErrnoException {
        if (!name.equals("sysrq-trigger")) {
            super.store(context, data, length, offset);
        }
    }
}
