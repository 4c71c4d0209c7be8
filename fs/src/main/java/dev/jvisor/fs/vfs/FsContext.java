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
        root.mount().addUser();
        workingDirectory.mount().addUser();
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
            // Held until the copy does it: the mount lock, which that takes, comes before this.
            itsRoot.mount().addUser();
            itsDirectory.mount().addUser();
        }
        FsContext made = new FsContext(itsMounts, itsRoot, itsDirectory, itsUmask);
        itsRoot.mount().removeUser();
        itsDirectory.mount().removeUser();
        return made;
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
        root.mount().removeUser();
        workingDirectory.mount().removeUser();
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
        change(copy, copy.translate(root), copy.translate(workingDirectory));
        copy.forgetOriginals();
    }

    /** Enters another namespace, at its root (setns(2)). */
    public void enter(MountNamespace target) {
        VfsPath top = target.root();
        change(target, top, top);
    }

    private void change(MountNamespace target, VfsPath newRoot, VfsPath newDirectory) {
        MountNamespace old = mounts;
        target.addUser(this);
        synchronized (this) {
            mounts = target;
            setRootLocked(newRoot);
            setDirectoryLocked(newDirectory);
        }
        old.removeUser(this);
    }

    private void setRootLocked(VfsPath place) {
        place.mount().addUser();
        root.mount().removeUser();
        root = place;
    }

    private void setDirectoryLocked(VfsPath place) {
        place.mount().addUser();
        workingDirectory.mount().removeUser();
        workingDirectory = place;
    }

    public VfsPath root() {
        return root;
    }

    public synchronized void setRoot(VfsPath root) {
        setRootLocked(root);
    }

    public VfsPath workingDirectory() {
        return workingDirectory;
    }

    public synchronized void setWorkingDirectory(VfsPath directory) {
        setDirectoryLocked(directory);
    }

    /** Moves along where root or directory are exactly a place (pivot_root). */
    synchronized void replace(VfsPath from, VfsPath to) {
        if (root.equals(from)) {
            setRootLocked(to);
        }
        if (workingDirectory.equals(from)) {
            setDirectoryLocked(to);
        }
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
