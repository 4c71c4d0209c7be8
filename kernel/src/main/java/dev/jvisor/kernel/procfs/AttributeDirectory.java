// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/** {@code /proc/PID/attr}: what a security module knows of a process; there is none. */
final class AttributeDirectory extends ProcessSubdirectory {

    private static final String[] NAMES = {
        "current", "prev", "exec", "fscreate", "keycreate", "sockcreate"
    };

    private final @Nullable Attribute[] attributes = new @Nullable Attribute[NAMES.length];

    AttributeDirectory(ProcessDirectory process, ProcessEntry entry) {
        super(process, entry);
    }

    @Override
    public Inode lookup(CallContext context, String name) throws ErrnoException {
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name) && process.taskOrNull() != null) {
                synchronized (this) {
                    Attribute attribute = attributes[i];
                    if (attribute == null) {
                        attributes[i] = attribute = new Attribute(process, numberOf(i));
                    }
                    return attribute;
                }
            }
        }
        throw Errno.ENOENT.exception();
    }

    @Override
    protected void list(CallContext context, long from, DirectoryLister lister) {
        if (process.taskOrNull() == null) {
            return;
        }
        for (int i = (int) from - FIRST_POSITION; i < NAMES.length; i++) {
            if (!lister.add(NAMES[i], numberOf(i), Dirent.DT_REG, i + FIRST_POSITION + 1)) {
                return;
            }
        }
    }

    /** One of the files: can be opened, and neither read nor written. */
    private static final class Attribute extends TextFile {
        private final ProcessDirectory process;

        Attribute(ProcessDirectory process, long number) {
            super(process.procfs(), number, StatMode.S_IFREG | 0666);
            this.process = process;
        }

        @Override
        public int uid() {
            return process.ownerUid(mode());
        }

        @Override
        public int gid() {
            return process.ownerGid(mode());
        }

        @Override
        protected void generate(CallContext context, @Nullable Object subject, TextBuffer out)
                throws ErrnoException {
            throw Errno.EINVAL.exception();
        }
    }
}
