// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

/**
 * Root, working directory and umask of a task, possibly shared (Linux: {@code struct fs_struct}).
 * Created with one reference; who shares it adds one, and the last {@link #release} lets the mounts
 * go (one that is forgotten counts until the collector finds it).
 */
public final class FsContext {

    private volatile VfsPath root;
    private volatile VfsPath workingDirectory;
    private volatile int umask;
    private volatile MountNamespace mounts;
    private int references = 1;

    public FsContext(MountNamespace mounts, VfsPath root, VfsPath workingDirectory, int umask) {
        this.mounts = mounts;
        this.root = root;
        this.workingDirectory = workingDirectory;
        this.umask = umask;
        mounts.addUser(this);
    }

    /** A copy for clone(2) without CLONE_FS. */
    public FsContext copy() {
        VfsPath itsRoot;
        VfsPath itsDirectory;
        int itsUmask;
        MountNamespace itsMounts;
        synchronized (this) {
            itsRoot = root;
            itsDirectory = workingDirectory;
            itsUmask = umask;
            itsMounts = mounts;
        }
        return new FsContext(itsMounts, itsRoot, itsDirectory, itsUmask);
    }

    /** One more task shares it (CLONE_FS). */
    public synchronized void retain() {
        references++;
    }

    /** A task that used it is gone. */
    public void release() {
        synchronized (this) {
            if (--references != 0) {
                return;
            }
        }
        mounts().removeUser(this);
    }

    /** Whether another task uses it too. */
    public synchronized boolean isShared() {
        return references > 1;
    }

    public MountNamespace mounts() {
        return mounts;
    }

    /** Enters a copy of its namespace (CLONE_NEWNS): the same places there. */
    public void moveTo(MountNamespace copy) {
        mounts().removeUser(this);
        synchronized (this) {
            mounts = copy;
            root = copy.translate(root);
            workingDirectory = copy.translate(workingDirectory);
        }
        copy.addUser(this);
    }

    /** Enters another namespace, at its root (setns(2)). */
    public void enter(MountNamespace target) {
        mounts().removeUser(this);
        VfsPath top = target.root();
        synchronized (this) {
            mounts = target;
            root = top;
            workingDirectory = top;
        }
        target.addUser(this);
    }

    public VfsPath root() {
        return root;
    }

    public synchronized void setRoot(VfsPath root) {
        this.root = root;
    }

    public VfsPath workingDirectory() {
        return workingDirectory;
    }

    public synchronized void setWorkingDirectory(VfsPath directory) {
        this.workingDirectory = directory;
    }

    /** Moves along where root or directory are exactly a place (pivot_root). */
    synchronized void replace(VfsPath from, VfsPath to) {
        if (root.equals(from)) {
            root = to;
        }
        if (workingDirectory.equals(from)) {
            workingDirectory = to;
        }
    }

    synchronized boolean uses(Mount mount) {
        return root.mount() == mount || workingDirectory.mount() == mount;
    }

    public int umask() {
        return umask;
    }

    /** Sets the umask (low 9 bits); returns the old one. */
    public synchronized int setUmask(int umask) {
        int old = this.umask;
        this.umask = umask & 0777;
        return old;
    }
}
