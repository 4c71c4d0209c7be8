// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.InodeWatch;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Eventfd;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

import java.util.IdentityHashMap;

/** A directory that sends a signal when its entries change (F_NOTIFY; Linux: dnotify). */
public final class DirectoryNotifier extends InodeWatch implements FileDescription.ReleaseListener {

    /** Of open files; guarded by itself. */
    private static final IdentityHashMap<FileDescription, DirectoryNotifier> ALL =
            new IdentityHashMap<>();

    private final FileDescription file;
    private final FileOwner owner;
    private final int descriptor;
    private volatile int mask;
    private volatile boolean once;

    private DirectoryNotifier(VfsPath path, FileDescription file, FileOwner owner, int descriptor) {
        super(path.dentry());
        this.file = file;
        this.owner = owner;
        this.descriptor = descriptor;
    }

    /**
     * Sets what is told of; 0 ends it. Without DN_MULTISHOT it is told once, and masks add up.
     *
     * @param wanted {@code DN_*}
     */
    public static void set(Task task, FileDescription file, int fd, int wanted)
            throws ErrnoException {
        VfsPath path = file.path();
        if (path == null) {
            throw Errno.ENOTDIR.exception();
        }
        synchronized (ALL) {
            DirectoryNotifier there = ALL.get(file);
            if ((wanted & ~Fcntl.DN_MULTISHOT) == 0) {
                if (there != null) {
                    there.end();
                }
                return;
            }
            if (there == null) {
                FileOwner owner = FileOwner.of(file);
                owner.set(task, FileOwner.OWNER_PID, task.threadGroup().id());
                there = new DirectoryNotifier(path, file, owner, fd);
                ALL.put(file, there);
                file.addReleaseListener(there);
                there.attach();
            }
            there.mask |= events(wanted);
            there.once = (wanted & Fcntl.DN_MULTISHOT) == 0;
        }
    }

    private static int events(int wanted) {
        int events = 0;
        if ((wanted & Fcntl.DN_DELETE) != 0) {
            events |= Eventfd.IN_DELETE | Eventfd.IN_MOVED_FROM;
        }
        if ((wanted & Fcntl.DN_MODIFY) != 0) {
            events |= Eventfd.IN_MODIFY;
        }
        if ((wanted & Fcntl.DN_ACCESS) != 0) {
            events |= Eventfd.IN_ACCESS;
        }
        if ((wanted & Fcntl.DN_ATTRIB) != 0) {
            events |= Eventfd.IN_ATTRIB;
        }
        if ((wanted & Fcntl.DN_RENAME) != 0) {
            events |= Eventfd.IN_MOVED_FROM;
        }
        if ((wanted & Fcntl.DN_CREATE) != 0) {
            events |= Eventfd.IN_CREATE | Eventfd.IN_MOVED_TO;
        }
        return events;
    }

    private void end() {
        synchronized (ALL) {
            ALL.remove(file);
        }
        detach();
        file.removeReleaseListener(this);
    }

    @Override
    protected void event(int what, @Nullable String name, int cookie, boolean unlinked) {
        if (name == null || (what & mask) == 0) {
            return;
        }
        if (once) {
            end();
        }
        owner.directoryChanged(descriptor);
    }

    @Override
    protected void inodeGone() {
        end();
    }

    @Override
    public void released(FileDescription gone) {
        end();
    }
}
