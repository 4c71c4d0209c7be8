// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.Fcntl;

/**
 * A tree of mounts that is nowhere yet, held by a descriptor (fsmount(2), open_tree(2)). Unless
 * move_mount(2) puts it somewhere, it ends with its last reference.
 */
final class MountTreeFile extends PathOnlyFile {

    private final Mount tree;

    MountTreeFile(Mount tree) {
        super(tree.rootPath(), Fcntl.O_PATH);
        this.tree = tree;
    }

    @Override
    protected void onRelease() {
        synchronized (MountNamespace.LOCK) {
            if (tree.isFloating()) {
                MountTrees.dissolve(tree);
            }
        }
    }
}
