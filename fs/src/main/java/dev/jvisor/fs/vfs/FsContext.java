// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

/** Root, working directory and umask of a task, possibly shared (Linux: {@code struct fs_struct}). */
public final class FsContext {

    private VfsPath root;
    private VfsPath workingDirectory;
    private int umask;
    private final MountNamespace mounts;

    public FsContext(MountNamespace mounts, VfsPath root, VfsPath workingDirectory, int umask) {
        this.mounts = mounts;
        this.root = root;
        this.workingDirectory = workingDirectory;
        this.umask = umask;
    }

    /** A copy for clone(2) without CLONE_FS. */
    public synchronized FsContext copy() {
        return new FsContext(mounts, root, workingDirectory, umask);
    }

    public MountNamespace mounts() {
        return mounts;
    }

    public synchronized VfsPath root() {
        return root;
    }

    public synchronized void setRoot(VfsPath root) {
        this.root = root;
    }

    public synchronized VfsPath workingDirectory() {
        return workingDirectory;
    }

    public synchronized void setWorkingDirectory(VfsPath directory) {
        this.workingDirectory = directory;
    }

    public synchronized int umask() {
        return umask;
    }

    /** Sets the umask (low 9 bits); returns the old one. */
    public synchronized int setUmask(int umask) {
        int old = this.umask;
        this.umask = umask & 0777;
        return old;
    }
}
