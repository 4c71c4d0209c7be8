// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.testing.FilesystemContract;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.platform.abi.ErrnoException;

import org.junit.jupiter.api.AfterEach;

import java.io.IOException;
import java.nio.file.Path;

/** A writable host directory behaves as any file system, whatever the transport and caching. */
abstract class GoferContract extends FilesystemContract {

    private final Path tree = HostTrees.create();
    private GoferFilesystem filesystem;

    abstract GoferFilesystem connect(String tree) throws ErrnoException;

    @Override
    protected Filesystem newFilesystem() throws ErrnoException {
        filesystem = connect(tree.toString());
        return filesystem;
    }

    @Override
    protected boolean makesDevices() {
        return false; // a node on the host would be a door into its drivers
    }

    @AfterEach
    void removeTree() throws IOException {
        filesystem.release();
        HostTrees.delete(tree);
    }
}
