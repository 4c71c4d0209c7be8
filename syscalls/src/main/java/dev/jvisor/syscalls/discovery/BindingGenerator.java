// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.syscalls.discovery.SyscallDescriptor.Parameter;

import net.bytebuddy.ByteBuddy;
import net.bytebuddy.ClassFileVersion;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.dynamic.scaffold.subclass.ConstructorStrategy;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.bytecode.ByteCodeAppender;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.matcher.ElementMatchers;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the classes between the dispatcher's six words and typed handler methods.
 *
 * <p>For a handler class {@code PipeSyscalls} it makes {@code PipeSyscalls$Binding}, in the same
 * package so that handlers need not be public, which reads as
 *
 * <pre>{@code
 * public long invoke(Task task, long a0, ..., long a5) throws ErrnoException {
 *   switch (index) {
 *     case 0: return PipeSyscalls.pipe(task, a0);
 *     case 1: return PipeSyscalls.pipe2(task, a0, (int) a1);
 *   }
 * }
 * public static void fill(SyscallTable table) {
 *   table.put(new PipeSyscalls$Binding(0, 22, "pipe")); ...
 * }
 * }</pre>
 */
final class BindingGenerator {

    static final String SUFFIX = "$Binding";
    static final String FILL = "fill";

    private static final String BASE = "dev/jvisor/syscalls/discovery/BoundSyscall";
    private static final String TABLE = "dev/jvisor/kernel/dispatch/SyscallTable";
    private static final String FILL_DESCRIPTOR = "(L" + TABLE + ";)V";

    private BindingGenerator() {}

    /** Descriptors of each handler class, in order of their first number. */
    static Map<String, List<SyscallDescriptor>> families(List<SyscallDescriptor> all) {
        Map<String, List<SyscallDescriptor>> families = new LinkedHashMap<>();
        for (SyscallDescriptor d : all) {
            families.computeIfAbsent(d.className(), name -> new ArrayList<>()).add(d);
        }
        return families;
    }

    /** Makes the binding of one handler class. */
    static DynamicType.Unloaded<?> bind(String className, List<SyscallDescriptor> family) {
        return new ByteBuddy(ClassFileVersion.JAVA_V21)
                .with(TypeValidation.DISABLED)
                .subclass(BoundSyscall.class, ConstructorStrategy.Default.NO_CONSTRUCTORS)
                .modifiers(Modifier.PUBLIC | Modifier.FINAL)
                .name(className + SUFFIX)
                .defineConstructor(0)
                .withParameters(int.class, int.class, String.class)
                .intercept(new Implementation.Simple((mv, context, method) -> constructor(mv)))
                .method(ElementMatchers.named("invoke"))
                .intercept(new Implementation.Simple(
                        (mv, context, method) -> invoke(mv, className, family)))
                .defineMethod(FILL, void.class, Modifier.PUBLIC | Modifier.STATIC)
                .withParameters(SyscallTable.class)
                .intercept(new Implementation.Simple(
                        (mv, context, method) -> fill(mv, className, family)))
                .make();
    }

    /** Code of a method {@code (SyscallTable)V} that calls every family's {@code fill}. */
    static Implementation fillAll(Iterable<String> classNames) {
        return new Implementation.Simple((mv, context, method) -> {
            for (String name : classNames) {
                mv.visitVarInsn(Opcodes.ALOAD, 0);
                mv.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        internal(name) + SUFFIX,
                        FILL,
                        FILL_DESCRIPTOR,
                        false);
            }
            mv.visitInsn(Opcodes.RETURN);
            return new ByteCodeAppender.Size(1, 1);
        });
    }

    private static String internal(String className) {
        return className.replace('.', '/');
    }

    private static ByteCodeAppender.Size constructor(MethodVisitor mv) {
        mv.visitVarInsn(Opcodes.ALOAD, 0);
        mv.visitVarInsn(Opcodes.ILOAD, 1);
        mv.visitVarInsn(Opcodes.ILOAD, 2);
        mv.visitVarInsn(Opcodes.ALOAD, 3);
        mv.visitMethodInsn(Opcodes.INVOKESPECIAL, BASE, "<init>", "(IILjava/lang/String;)V", false);
        mv.visitInsn(Opcodes.RETURN);
        return new ByteCodeAppender.Size(4, 4);
    }

    private static ByteCodeAppender.Size invoke(
            MethodVisitor mv, String className, List<SyscallDescriptor> family) {
        Label[] cases = new Label[family.size()];
        for (int i = 0; i < cases.length; i++) {
            cases[i] = new Label();
        }
        if (cases.length > 1) {
            mv.visitVarInsn(Opcodes.ALOAD, 0);
            mv.visitFieldInsn(Opcodes.GETFIELD, internal(className) + SUFFIX, "index", "I");
            // The last case is the default, too: the index is ours.
            mv.visitTableSwitchInsn(0, cases.length - 1, cases[cases.length - 1], cases);
        }
        for (int i = 0; i < cases.length; i++) {
            mv.visitLabel(cases[i]);
            if (cases.length > 1) {
                mv.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
            }
            call(mv, family.get(i));
        }
        // The task and six words on the stack at most; this, the task and six words as locals.
        return new ByteCodeAppender.Size(1 + 6 * 2, 2 + 6 * 2);
    }

    private static void call(MethodVisitor mv, SyscallDescriptor d) {
        mv.visitVarInsn(Opcodes.ALOAD, 1);
        int local = 2;
        for (Parameter p : d.parameters()) {
            mv.visitVarInsn(Opcodes.LLOAD, local);
            local += 2;
            if (p.isInt()) {
                mv.visitInsn(Opcodes.L2I);
            }
        }
        mv.visitMethodInsn(
                Opcodes.INVOKESTATIC,
                internal(d.className()),
                d.methodName(),
                d.methodDescriptor(),
                false);
        if (d.intResult()) {
            mv.visitInsn(Opcodes.I2L);
        }
        mv.visitInsn(Opcodes.LRETURN);
    }

    private static ByteCodeAppender.Size fill(
            MethodVisitor mv, String className, List<SyscallDescriptor> family) {
        String binding = internal(className) + SUFFIX;
        for (int i = 0; i < family.size(); i++) {
            mv.visitVarInsn(Opcodes.ALOAD, 0);
            mv.visitTypeInsn(Opcodes.NEW, binding);
            mv.visitInsn(Opcodes.DUP);
            mv.visitIntInsn(Opcodes.SIPUSH, i);
            mv.visitIntInsn(Opcodes.SIPUSH, family.get(i).number());
            mv.visitLdcInsn(family.get(i).name());
            mv.visitMethodInsn(
                    Opcodes.INVOKESPECIAL, binding, "<init>", "(IILjava/lang/String;)V", false);
            mv.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL,
                    TABLE,
                    "put",
                    "(Ldev/jvisor/kernel/dispatch/SyscallHandler;)V",
                    false);
        }
        mv.visitInsn(Opcodes.RETURN);
        return new ByteCodeAppender.Size(6, 1);
    }

    static {
        assert Task.class.getName().equals(SyscallScanner.TASK);
    }
}
