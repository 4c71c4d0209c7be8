// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

/** A directory of a tree that a table of paths describes. */
public class TableDirectory extends StaticDirectory {

    /** The paths of a tree and what they lead to. */
    public interface Table {

        /**
         * Paths from the top of the tree, those of one directory behind each other; with a slash at
         * the end for a directory without entries. Asked for once for each directory.
         */
        String[] paths();

        /** Makes what a path leads to that is no directory. */
        KernfsInode leaf(String path, long number);
    }

    private final Table table;

    /** Path from the top with a slash behind, or empty. */
    private final String prefix;

    /** Makes the directory of a path (with a slash at the end, empty for the top). */
    public TableDirectory(
            KernfsFilesystem filesystem,
            Table table,
            String prefix,
            long number,
            long parentNumber) {
        super(filesystem, number, parentNumber);
        this.table = table;
        this.prefix = prefix;
    }

    @Override
    protected void populate(Entries entries) {
        String last = "";
        for (String path : table.paths()) {
            if (!path.startsWith(prefix) || path.length() == prefix.length()) {
                continue;
            }
            int slash = path.indexOf('/', prefix.length());
            String name = path.substring(prefix.length(), slash < 0 ? path.length() : slash);
            if (name.equals(last)) {
                continue;
            }
            last = name;
            long number = filesystem().nextNumber();
            if (slash < 0) {
                entries.add(name, table.leaf(path, number));
            } else {
                entries.add(name, below(prefix + name + "/", number));
            }
        }
    }

    private TableDirectory below(String path, long number) {
        return new TableDirectory(filesystem(), table, path, number, number());
    }
}
