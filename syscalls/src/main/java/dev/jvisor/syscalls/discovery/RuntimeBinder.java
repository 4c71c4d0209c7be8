// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.syscalls.discovery.DiscoveryIssue.Kind;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Scans, generates and loads at start: for jars that we did not build. */
final class RuntimeBinder {

    private RuntimeBinder() {}

    /**
     * Adds the handlers of jars and directories to a table, replacing entries of the same number.
     *
     * @param table what to extend
     * @return what was bound, and everything that was wrong; a class that fails is left out whole
     */
    static Discovery bind(List<Path> paths, SyscallTable table) {
        Discovery found = SyscallScanner.scan(paths);
        List<DiscoveryIssue> issues = new ArrayList<>(found.issues());
        List<URL> urls = new ArrayList<>();
        for (Path path : paths) {
            try {
                urls.add(path.toUri().toURL());
            } catch (MalformedURLException e) {
                issues.add(new DiscoveryIssue(Kind.UNUSABLE, path.toString(), "not a path"));
            }
        }
        // Never closed: handlers load classes as long as the sandbox lives.
        ClassLoader loader =
                new URLClassLoader(urls.toArray(new URL[0]), RuntimeBinder.class.getClassLoader());
        List<SyscallDescriptor> bound = new ArrayList<>();
        BindingGenerator.families(found.descriptors()).forEach((name, family) -> {
            try {
                bindFamily(loader, name, family, table);
                bound.addAll(family);
            } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
                issues.add(new DiscoveryIssue(Kind.UNUSABLE, name, "cannot be bound: " + e));
            }
        });
        return new Discovery(List.copyOf(bound), List.copyOf(issues));
    }

    /** Binds the shipped handlers where the build did not. */
    static void bindShipped(SyscallTable table) {
        Discovery found = SyscallScanner.scanPackage(ShippedSyscalls.PACKAGE);
        if (!found.issues().isEmpty()) {
            throw new SentryBug("handler " + found.issues().get(0).line());
        }
        bind(RuntimeBinder.class.getClassLoader(), found.descriptors(), table);
    }

    /** Binds handlers that a class loader knows. */
    static void bind(ClassLoader loader, List<SyscallDescriptor> calls, SyscallTable table) {
        BindingGenerator.families(calls).forEach((name, family) -> {
            try {
                bindFamily(loader, name, family, table);
            } catch (ReflectiveOperationException e) {
                throw new SentryBug("handlers=" + name, e);
            }
        });
    }

    private static void bindFamily(
            ClassLoader loader, String name, List<SyscallDescriptor> family, SyscallTable table)
            throws ReflectiveOperationException {
        Class<?> handlers = Class.forName(name, false, loader);
        MethodHandles.Lookup lookup =
                MethodHandles.privateLookupIn(handlers, MethodHandles.lookup());
        byte[] code;
        try (var unloaded = BindingGenerator.bind(name, family)) {
            code = unloaded.getBytes();
        }
        // Hidden where it can be, so that there may be several tables in one JVM (tests); extra
        // jars
        // have a class loader of their own each time.
        Class<?> binding = lookup.hasFullPrivilegeAccess()
                ? lookup.defineHiddenClass(code, true).lookupClass()
                : lookup.defineClass(code);
        Method fill = binding.getMethod(BindingGenerator.FILL, SyscallTable.class);
        fill.invoke(null, table);
    }
}
