// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.StaticDirectory;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** {@code /proc/sys} and the directories below, made from {@link SysctlTable}. */
final class SysctlDirectory extends StaticDirectory {

    private final ProcFilesystem filesystem;

    /** Path from {@code sys} with a slash behind, or empty. */
    private final String prefix;

    SysctlDirectory(ProcFilesystem filesystem, String prefix, long number, long parentNumber) {
        super(filesystem, number, parentNumber);
        this.filesystem = filesystem;
        this.prefix = prefix;
    }

    @Override
    protected void populate(Entries entries) {
        String last = "";
        for (int i = 0; i < SysctlTable.ENTRIES.length; i += 3) {
            String path = SysctlTable.ENTRIES[i];
            if (!path.startsWith(prefix)) {
                continue;
            }
            int slash = path.indexOf('/', prefix.length());
            String name = path.substring(prefix.length(), slash < 0 ? path.length() : slash);
            long number = filesystem.nextNumber();
            if (slash < 0) {
                entries.add(name, new Value(filesystem, path, number));
            } else if (!name.equals(last)) {
                String below = prefix + name + "/";
                entries.add(name, new SysctlDirectory(filesystem, below, number, number()));
            }
            last = name;
        }
    }

    /** Linux does not count these. */
    @Override
    protected int links(CallContext context) {
        return 1;
    }

    /** One value. */
    private static final class Value extends TextFile {
        private final ProcFilesystem filesystem;
        private final String path;

        Value(ProcFilesystem filesystem, String path, long number) {
            super(filesystem, number, Sysctls.isWritable(path) ? READ_WRITE : READ_ONLY);
            this.filesystem = filesystem;
            this.path = path;
        }

        @Override
        protected boolean seeksFromEnd() {
            return true;
        }

        /** Mode bits hold for everybody, whatever the capabilities (Linux: proc_sys_permission). */
        @Override
        protected @Nullable Object begin(CallContext context, int flags) throws ErrnoException {
            boolean writes = (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY;
            if (writes && (!Sysctls.isWritable(path) || context.credentials().euid() != 0)) {
                throw Errno.EACCES.exception();
            }
            return null;
        }

        @Override
        protected void generate(CallContext context, @Nullable Object subject, TextBuffer out) {
            out.add(filesystem.sysctls().value(path)).add('\n');
        }

        /** Takes a value; one that is not written at the start is ignored (sysctl_writes_strict). */
        @Override
        protected void store(CallContext context, byte[] data, int length, long offset)
                throws ErrnoException {
            if (offset == 0 && length > 0) {
                filesystem
                        .sysctls()
                        .store(path, new String(data, 0, length, StandardCharsets.ISO_8859_1));
            }
        }
    }
}
