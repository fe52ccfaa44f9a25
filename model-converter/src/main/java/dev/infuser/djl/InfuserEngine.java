package dev.infuser.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;

/** The engine {@code Infuser}: inference in plain Java, on the CPU. It is never the default engine beside another one. */
public final class InfuserEngine extends Engine {

    /** What {@code optEngine} takes. */
    public static final String NAME = "Infuser";

    static final int RANK = 100;
    private static final String ALTERNATIVE = "PyTorch";

    InfuserEngine() {
    }

    /** PyTorch where it is on the class path, for array operations that Infuser lacks; else null. */
    @Override
    public Engine getAlternativeEngine() {
        return Engine.hasEngine(ALTERNATIVE) ? Engine.getEngine(ALTERNATIVE) : null;
    }

    @Override
    public String getEngineName() {
        return NAME;
    }

    @Override
    public int getRank() {
        return RANK;
    }

    @Override
    public String getVersion() {
        String version = InfuserEngine.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    @Override
    public boolean hasCapability(String capability) {
        return false;
    }

    @Override
    public Model newModel(String name, Device device) {
        return new InfuserModel(name, newBaseManager(device));
    }

    @Override
    public NDManager newBaseManager() {
        return newBaseManager(null);
    }

    @Override
    public NDManager newBaseManager(Device device) {
        return InfuserManager.system().newSubManager(device);
    }

    @Override
    public String toString() {
        return NAME + ":" + getVersion();
    }
}
