// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.kernfs.TableDirectory;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.UtsNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** What {@code /proc/sys} is made of. */
final class SysctlTree implements TableDirectory.Table {

    private final ProcFilesystem filesystem;

    SysctlTree(ProcFilesystem filesystem) {
        this.filesystem = filesystem;
    }

    @Override
    public String[] paths() {
        String[] paths = new String[SysctlTable.ENTRIES.length / 3];
        for (int i = 0; i < paths.length; i++) {
            paths[i] = SysctlTable.ENTRIES[3 * i];
        }
        return paths;
    }

    @Override
    public KernfsInode leaf(String path, long number) {
        return new Value(filesystem, path, number);
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
            String value = context instanceof Task task
                    ? filesystem.sysctls().value(path, task.namespaces().uts(), task.pids())
                    : filesystem.sysctls().value(path);
            out.add(value).add('\n');
        }

        /**
         * Takes a value; one that is not written at the start is ignored (sysctl_writes_strict).
         */
        @Override
        protected void store(CallContext context, byte[] data, int length, long offset)
                throws ErrnoException {
            if (offset == 0 && length > 0) {
                UtsNamespace uts = context instanceof Task task
                        ? task.namespaces().uts()
                        : filesystem.kernel().uts();
                String text = new String(data, 0, length, StandardCharsets.ISO_8859_1);
                filesystem.sysctls().store(path, text, uts);
            }
        }
    }
}
