// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.dev.Devices;
import dev.jvisor.fs.gofer.GoferFilesystem;
import dev.jvisor.fs.gofer.LocalGofer;
import dev.jvisor.fs.overlay.OverlayFilesystem;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.tty.Devpts;
import dev.jvisor.fs.tty.PtmxDevice;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemType;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.ipc.mqueue.QueueFilesystemType;
import dev.jvisor.kernel.procfs.ProcFilesystemType;
import dev.jvisor.kernel.sysfs.SysFilesystemType;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.runsc.boot.SandboxConfig.MountEntry;
import dev.jvisor.runsc.cli.RunscException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Builds what the first process sees under its root. */
final class FileTree {

    private final Kernel kernel;
    private final SandboxConfig config;
    private final BootContext context;
    private final Observers observers;

    FileTree(Kernel kernel, SandboxConfig config, Observers observers) {
        this.observers = observers;
        this.kernel = kernel;
        this.config = config;
        this.context = new BootContext(kernel);
    }

    /** On whose behalf the mounts are made. */
    BootContext context() {
        return context;
    }

    /** Makes the mounts; returns the root and working directory for the first process. */
    FsContext build() throws RunscException {
        Filesystem root;
        try {
            root = rootFilesystem();
        } catch (ErrnoException e) {
            throw new RunscException(
                    "cannot open the root file system " + config.rootPath + ": " + e.errno.text);
        }
        observers.step("root is open");
        MountNamespace mounts = MountNamespace.create(root, "none", 0);
        kernel.setMounts(mounts);
        Devices.register(mounts.registry(), kernel.pages());
        PtmxDevice.register(mounts.registry());
        mounts.registerType(Tmpfs.type(kernel.pages(), Runtime.getRuntime().maxMemory()));
        mounts.registerType(Devpts.fileSystemType());
        mounts.registerType(new ProcFilesystemType(kernel));
        mounts.registerType(new SysFilesystemType(kernel));
        mounts.registerType(new QueueFilesystemType(kernel));
        VfsPath top = mounts.root();
        FsContext fs = new FsContext(mounts, top, top, 0);
        context.setFs(fs);
        for (int i = 0; i < config.mounts.size(); i++) {
            MountEntry entry = config.mounts.get(i);
            try {
                mount(mounts, entry);
                observers.step("mounted " + entry.destination());
            } catch (ErrnoException e) {
                throw new RunscException("cannot mount " + entry.type() + " at "
                        + entry.destination() + ": " + e.errno.text);
            }
        }
        setWorkingDirectory(fs);
        if (config.readOnlyRoot) {
            remountReadOnly();
        }
        fs.setUmask(config.umask);
        return fs;
    }

    private Filesystem rootFilesystem() throws ErrnoException {
        Filesystem lower = new GoferFilesystem(
                LocalGofer.direct(config.rootPath, config.overlay),
                GoferFilesystem.Caching.EXCLUSIVE,
                config.overlay);
        return config.overlay ? new OverlayFilesystem(context, lower, kernel.pages()) : lower;
    }

    private void mount(MountNamespace mounts, MountEntry entry)
            throws ErrnoException, RunscException {
        int flags = MountOptions.flags(entry.options());
        VfsPath place = mountPoint(entry);
        mounts.mount(filesystem(mounts, entry, flags), place, flags, entry.source());
    }

    private Filesystem filesystem(MountNamespace mounts, MountEntry entry, int flags)
            throws ErrnoException, RunscException {
        // An OCI bundle asks for a tmpfs at /dev and leaves the device nodes to the runtime.
        if (entry.destination().equals("/dev") && !entry.type().equals("bind")) {
            return Devices.createDevtmpfs(kernel.pages(), context);
        }
        if (entry.type().equals("bind")) {
            boolean readOnly = (flags & MountFlags.MS_RDONLY) != 0;
            return new GoferFilesystem(
                    LocalGofer.direct(entry.source(), readOnly),
                    GoferFilesystem.Caching.SHARED,
                    readOnly);
        }
        FilesystemType type = mounts.registry().type(entry.type());
        if (type == null) {
            throw new RunscException("cannot mount " + entry.destination() + ": file system type '"
                    + entry.type() + "' is not served");
        }
        return type.mount(context, entry.source(), flags, MountOptions.data(entry.options()));
    }

    /** Resolves a mount point, making the directories that are missing. */
    private VfsPath mountPoint(MountEntry entry) throws ErrnoException {
        String path = entry.destination();
        for (int end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
            String part = end < 0 ? path : path.substring(0, end);
            try {
                Vfs.mkdir(context, null, part, 0755);
            } catch (ErrnoException e) {
                if (e.errno != Errno.EEXIST && e.errno != Errno.EROFS) {
                    throw e;
                }
            }
            if (end < 0) {
                return Vfs.resolve(context, null, path, 0);
            }
        }
    }

    private void setWorkingDirectory(FsContext fs) throws RunscException {
        String path = config.workingDirectory;
        try {
            @Nullable
            VfsPath place = config.createWorkingDirectory
                    ? mountPoint(new MountEntry(path, "", "", List.of()))
                    : Vfs.resolve(context, null, path, 0);
            Vfs.checkSearchable(context, place);
            fs.setWorkingDirectory(place);
        } catch (ErrnoException e) {
            throw new RunscException("working directory " + path + ": " + e.errno.text);
        }
    }

    private void remountReadOnly() throws RunscException {
        try {
            Vfs.mount(
                    context,
                    "none",
                    "/",
                    "",
                    MountFlags.MS_REMOUNT | MountFlags.MS_BIND | MountFlags.MS_RDONLY,
                    "");
        } catch (ErrnoException e) {
            throw new RunscException("cannot make the root read-only: " + e.errno.text);
        }
    }
}
